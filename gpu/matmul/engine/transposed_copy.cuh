// SPDX-License-Identifier: Apache-2.0
// Copies a matrix to its transpose by way of shared memory, so that both are read and written in whole lines: B for
// cuda_wgmma's tf32, whose time includes it.
#pragma once

#include "gpu/matmul/engine/product.cuh"

namespace overtake {

struct TransposedCopy {
  static constexpr int kThreads = 256, kTile = 32, kDown = kThreads / kTile;
  static constexpr int kSharedElements = kTile * (kTile + 1);  // a row is a bank further than the row before it

  struct Matrices {
    const float* from;  // rows x columns, rows from_stride apart
    float* to;          // columns x rows, rows to_stride apart
    std::int64_t rows, columns, from_stride, to_stride;
    OVERTAKE_HOST_DEVICE std::int64_t blocks() const { return ceil_div(rows, kTile) * ceil_div(columns, kTile); }
  };

  template <class Block>
  OVERTAKE_DEVICE static void run(const Block& block, const Matrices& x, float* shared) {
    const TilePlace tile = tile_of_block(block.index(), ceil_div(x.rows, kTile), ceil_div(x.columns, kTile), 1);
    const std::int64_t row0 = tile.row * kTile, column0 = tile.column * kTile;
    const int across = block.thread() % kTile, down = block.thread() / kTile;
    for (int i = down; i < kTile; i += kDown)
      if (row0 + i < x.rows && column0 + across < x.columns)
        shared[i * (kTile + 1) + across] = x.from[(row0 + i) * x.from_stride + column0 + across];
    block.sync();
    for (int i = down; i < kTile; i += kDown)
      if (column0 + i < x.columns && row0 + across < x.rows)
        x.to[(column0 + i) * x.to_stride + row0 + across] = shared[across * (kTile + 1) + i];
  }
};

}  // namespace overtake
