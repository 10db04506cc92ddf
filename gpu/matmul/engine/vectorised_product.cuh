// SPDX-License-Identifier: Apache-2.0
// The kernel of cuda_vectorised: as cuda_register_tiled, but every load and store moves 16 bytes, for which the tile of
// A lies transposed in shared memory.
#pragma once

#include "gpu/matmul/engine/thread_tile.cuh"
#include "gpu/matmul/engine/transposed_tile.cuh"

namespace overtake {

template <class T, bool kAligned>
struct VectorisedProduct {
  static constexpr int kThreads = 256, kThreadsAcross = 16, kDepth = 8;
  static constexpr int kThreadTile = sizeof(T) == 4 ? 8 : 4;
  static constexpr int kTileRows = kThreadsAcross * kThreadTile, kTileColumns = kTileRows;
  static constexpr bool kUsesAlignment = true;
  static constexpr int kWidth = kVectorWidth<T>, kStep = kThreadsAcross * kWidth;
  using Shared = TransposedTile<T, kTileRows, kTileColumns, kDepth>;
  static constexpr int kSharedElements = Shared::kElements;

  template <class Block>
  OVERTAKE_DEVICE static void run(const Block& block, const Product<T>& p, T* shared) {
    T* const a = shared;
    T* const b = shared + kDepth * Shared::kStrideOfA;
    const TilePlace tile = tile_of_block(block.index(), ceil_div(p.m, kTileRows), ceil_div(p.n, kTileColumns), 1);
    const std::int64_t row0 = tile.row * kTileRows, column0 = tile.column * kTileColumns;
    const int row = block.thread() / kThreadsAcross * kWidth, column = block.thread() % kThreadsAcross * kWidth;
    using Mine = ThreadTile<T, kThreadTile, kThreadTile, kStep, kStep>;
    Mine mine;
    for (std::int64_t l0 = 0; l0 < p.k; l0 += kDepth) {
      Shared::template fetch<kAligned, kThreads>(block, p, row0, column0, l0, a, b);
      block.sync();
      OVERTAKE_UNROLL
      for (int l = 0; l < kDepth; ++l) {
        typename Mine::Fragment fragment;
        Mine::read(a + l * Shared::kStrideOfA + row, b + l * kTileColumns + column, fragment);
        mine.add(fragment);
      }
      block.sync();
    }
    mine.template store<kAligned>(p, row0 + row, column0 + column);
  }
};

}  // namespace overtake
