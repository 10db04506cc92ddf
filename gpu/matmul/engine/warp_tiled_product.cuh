// SPDX-License-Identifier: Apache-2.0
// The kernel of cuda_warp_tiled: as cuda_vectorised, but the block's tile of C is divided among warps first, so that a
// warp's reads of shared memory are few and free of conflicts; blocks go through C in groups that share L2 lines.
#pragma once

#include "gpu/matmul/engine/transposed_tile.cuh"
#include "gpu/matmul/engine/warp_tiles.cuh"

namespace overtake {

template <class T, bool kAligned>
struct WarpTiledProduct {
  using Tiles = WarpTiles<T>;
  static constexpr int kThreads = Tiles::kThreads, kTileRows = Tiles::kTileRows, kTileColumns = Tiles::kTileColumns;
  static constexpr int kDepth = 16;
  static constexpr int kBlocksAtOnce = Tiles::kBlocksAtOnce;
  static constexpr bool kUsesAlignment = true;
  using Shared = TransposedTile<T, kTileRows, kTileColumns, kDepth>;
  static constexpr int kSharedElements = Shared::kElements;

  template <class Block>
  OVERTAKE_DEVICE static void run(const Block& block, const Product<T>& p, T* shared) {
    T* const a = shared;
    T* const b = shared + kDepth * Shared::kStrideOfA;
    const TilePlace tile =
        tile_of_block(block.index(), ceil_div(p.m, kTileRows), ceil_div(p.n, kTileColumns), Tiles::kGroup);
    const std::int64_t row0 = tile.row * kTileRows, column0 = tile.column * kTileColumns;
    const int row = Tiles::row(block.thread()), column = Tiles::column(block.thread());
    typename Tiles::Mine mine;
    for (std::int64_t l0 = 0; l0 < p.k; l0 += kDepth) {
      Shared::template fetch<kAligned, kThreads>(block, p, row0, column0, l0, a, b);
      block.sync();
      OVERTAKE_UNROLL
      for (int l = 0; l < kDepth; ++l) {
        typename Tiles::Mine::Fragment fragment;
        Tiles::Mine::read(a + l * Shared::kStrideOfA + row, b + l * kTileColumns + column, fragment);
        mine.add(fragment);
      }
      block.sync();
    }
    mine.template store<kAligned>(p, row0 + row, column0 + column);
  }
};

}  // namespace overtake
