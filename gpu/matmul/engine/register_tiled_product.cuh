// SPDX-License-Identifier: Apache-2.0
// The kernel of cuda_register_tiled: as cuda_tiled, but a thread computes a tile of C in its registers, an outer
// product of a column of A and a row of B at a time.
#pragma once

#include "gpu/matmul/engine/product.cuh"

namespace overtake {

template <class T, bool kAligned>
struct RegisterTiledProduct {
  static constexpr int kThreads = 256, kThreadsAcross = 16;   // 16 x 16 threads
  static constexpr int kThreadTile = sizeof(T) == 4 ? 8 : 4;  // rows and columns of a thread's tile
  static constexpr int kTileRows = kThreadsAcross * kThreadTile, kTileColumns = kTileRows;
  static constexpr int kDepth = 8;  // columns of A and rows of B at a time
  static constexpr int kSharedElements = kDepth * (kTileRows + kTileColumns);
  static constexpr bool kUsesAlignment = false;
  static_assert(kTileRows * kDepth % kThreads == 0, "every thread fetches equally many elements of a tile");

  template <class Block>
  OVERTAKE_DEVICE static void run(const Block& block, const Product<T>& p, T* shared) {
    T* const a = shared;                       // kTileRows x kDepth
    T* const b = shared + kTileRows * kDepth;  // kDepth x kTileColumns
    const TilePlace tile = tile_of_block(block.index(), ceil_div(p.m, kTileRows), ceil_div(p.n, kTileColumns), 1);
    const std::int64_t row0 = tile.row * kTileRows, column0 = tile.column * kTileColumns;
    const int down = block.thread() / kThreadsAcross, across = block.thread() % kThreadsAcross;
    T sums[kThreadTile][kThreadTile] = {};
    for (std::int64_t l0 = 0; l0 < p.k; l0 += kDepth) {
      fetch(block, p, row0, column0, l0, a, b);
      block.sync();
      OVERTAKE_UNROLL
      for (int l = 0; l < kDepth; ++l) {
        T of_a[kThreadTile], of_b[kThreadTile];
        // A thread's rows and columns lie kThreadsAcross apart, so that neighbours read neighbouring banks.
        OVERTAKE_UNROLL
        for (int i = 0; i < kThreadTile; ++i) of_a[i] = a[(down + i * kThreadsAcross) * kDepth + l];
        OVERTAKE_UNROLL
        for (int j = 0; j < kThreadTile; ++j) of_b[j] = b[l * kTileColumns + across + j * kThreadsAcross];
        OVERTAKE_UNROLL
        for (int i = 0; i < kThreadTile; ++i) OVERTAKE_UNROLL
        for (int j = 0; j < kThreadTile; ++j) sums[i][j] += of_a[i] * of_b[j];
      }
      block.sync();
    }
    OVERTAKE_UNROLL
    for (int i = 0; i < kThreadTile; ++i) OVERTAKE_UNROLL
    for (int j = 0; j < kThreadTile; ++j) {
      const int below = down + i * kThreadsAcross, beside = across + j * kThreadsAcross;
      const std::int64_t row = row0 + below, column = column0 + beside;
      if (row < p.m && column < p.n) p.c[row * p.n + column] = sums[i][j];
    }
  }

 private:
  template <class Block>
  OVERTAKE_DEVICE static void fetch(const Block& block, const Product<T>& p, std::int64_t row0, std::int64_t column0,
                                    std::int64_t l0, T* a, T* b) {
    OVERTAKE_UNROLL
    for (int e = 0; e < kTileRows * kDepth; e += kThreads) {
      const int at = e + block.thread();
      a[at] = element_or_zero(p.a, row0 + at / kDepth, l0 + at % kDepth, p.m, p.k);
      b[at] = element_or_zero(p.b, l0 + at / kTileColumns, column0 + at % kTileColumns, p.k, p.n);
    }
  }
};

}  // namespace overtake
