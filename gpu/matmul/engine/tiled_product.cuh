// SPDX-License-Identifier: Apache-2.0
// The kernel of cuda_tiled: a block fetches a tile of A and one of B into shared memory, and its threads compute an
// element each from there.
#pragma once

#include "gpu/matmul/engine/product.cuh"

namespace overtake {

template <class T, bool kAligned>
struct TiledProduct {
  static constexpr int kTile = 32, kTileRows = kTile, kTileColumns = kTile, kThreads = kTile * kTile;
  static constexpr int kSharedElements = 2 * kTile * kTile;
  static constexpr bool kUsesAlignment = false;

  template <class Block>
  OVERTAKE_DEVICE static void run(const Block& block, const Product<T>& p, T* shared) {
    T* const a = shared;                  // kTile x kTile of A
    T* const b = shared + kTile * kTile;  // kTile x kTile of B
    const TilePlace tile = tile_of_block(block.index(), ceil_div(p.m, kTile), ceil_div(p.n, kTile), 1);
    const int row = block.thread() / kTile, column = block.thread() % kTile;
    const std::int64_t i = tile.row * kTile + row, j = tile.column * kTile + column;
    Accumulator<T> sum = 0;
    for (std::int64_t l0 = 0; l0 < p.k; l0 += kTile) {
      a[row * kTile + column] = element_or_zero(p.a, i, l0 + column, p.m, p.k);
      b[row * kTile + column] = element_or_zero(p.b, l0 + row, j, p.k, p.n);
      block.sync();
      // A warp is a row of the tile: it reads one element of A together, and of B one from each bank.
      OVERTAKE_UNROLL
      for (int l = 0; l < kTile; ++l) sum += operand(a[row * kTile + l]) * operand(b[l * kTile + column]);
      block.sync();
    }
    if (i < p.m && j < p.n) p.c[i * p.n + j] = static_cast<T>(sum);
  }
};

}  // namespace overtake
