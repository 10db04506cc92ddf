// SPDX-License-Identifier: Apache-2.0
// The kernel of cuda_dmma: tiles of doubles come by cp.async into a ring of stages, as in cuda_async, and tensor cores
// multiply them.
#pragma once

#include <type_traits>

#include "gpu/matmul/engine/mma_f64.cuh"

namespace overtake {

template <class T, bool kAligned>
struct DmmaProduct {
  static_assert(std::is_same_v<T, double>, "f64 alone: f32 on tensor cores would be tf32");
  static constexpr int kThreads = 256, kWarp = 32, kDepth = 16, kStages = 4, kGroup = 8;
  // 8 warps, 4 down and 2 across, each 32 x 64 elements.
  static constexpr int kWarpsAcross = 2;
  using Tile = MmaTile<2, 8>;
  static constexpr int kTileRows = Tile::kRows * (kThreads / kWarp / kWarpsAcross);
  static constexpr int kTileColumns = Tile::kColumns * kWarpsAcross;
  static constexpr int kBlocksAtOnce = 1;
  static constexpr bool kUsesAlignment = true;
  // Neither tile is transposed. Rows begin 4 doubles, a quarter of all banks, after where the row before them does:
  // half a warp, which is what reads 8 bytes a lane at a time, takes 4 neighbours of each of 4 rows.
  static constexpr int kStrideOfA = kDepth + 4, kStrideOfB = kTileColumns + 4;
  static constexpr int kStage = kTileRows * kStrideOfA + kDepth * kStrideOfB;  // elements: A, then B
  static constexpr int kSharedElements = kStages * kStage;
  static constexpr int kFragments = kDepth / MmaF64::kDepth;
  static_assert(kFragments % 2 == 0, "the two fragments change places an even number of times a tile");

  OVERTAKE_HOST_DEVICE static constexpr int row_of_warp(int thread) {
    return thread / kWarp / kWarpsAcross * Tile::kRows;
  }
  OVERTAKE_HOST_DEVICE static constexpr int column_of_warp(int thread) {
    return thread / kWarp % kWarpsAcross * Tile::kColumns;
  }

  template <class Block>
  OVERTAKE_DEVICE static void run(const Block& block, const Product<T>& p, T* shared) {
    const TilePlace tile = tile_of_block(block.index(), ceil_div(p.m, kTileRows), ceil_div(p.n, kTileColumns), kGroup);
    const std::int64_t row0 = tile.row * kTileRows, column0 = tile.column * kTileColumns;
    const int row = row_of_warp(block.thread()), column = column_of_warp(block.thread());
    const int lane = block.thread() % kWarp;
    const int steps = static_cast<int>(ceil_div(p.k, kDepth));
    const auto read = [&](const T* stage, int l, typename Tile::Fragment& out) {
      Tile::template read<kStrideOfA, kStrideOfB>(
          stage + row * kStrideOfA + l * MmaF64::kDepth,
          stage + kTileRows * kStrideOfA + l * MmaF64::kDepth * kStrideOfB + column, lane, out);
    };
    // One group a step, empty ones too: to wait for a step is to wait until so many are left.
    for (int s = 0; s < kStages - 1; ++s) {
      if (s < steps) fetch(block, p, row0, column0, std::int64_t{s} * kDepth, shared + s * kStage);
      block.commit_copies();
    }
    block.template wait_copies<kStages - 2>();
    block.sync();
    Tile mine;
    typename Tile::Fragment fragments[2];
    if (steps > 0) read(shared, 0, fragments[0]);
    int now = 0;  // the stage of step s
    for (int s = 0; s < steps; ++s) {
      const int next = now + 1 < kStages ? now + 1 : 0;
      OVERTAKE_UNROLL
      for (int l = 0; l < kFragments; ++l) {
        if (l + 1 < kFragments) {
          read(shared + now * kStage, l + 1, fragments[(l + 1) % 2]);
        } else {
          block.template wait_copies<kStages - 2>();
          block.sync();
          if (s + 1 < steps) read(shared + next * kStage, 0, fragments[0]);
        }
        if (l == 0) {
          // Into the stage of step s - 1: all threads have passed the barrier after their last read of it.
          const int far = s + kStages - 1;
          if (far < steps)
            fetch(block, p, row0, column0, std::int64_t{far} * kDepth, shared + (now + kStages - 1) % kStages * kStage);
          block.commit_copies();
        }
        mine.add(block, fragments[l % 2]);
      }
      now = next;
    }
    mine.template store<kAligned>(p, row0 + row, column0 + column, lane);
  }

 private:
  // Every thread's share of a step's tiles into their stage; zeros where the matrices end.
  template <class Block>
  OVERTAKE_DEVICE static void fetch(const Block& block, const Product<T>& p, std::int64_t row0, std::int64_t column0,
                                    std::int64_t l0, T* stage) {
    constexpr int kAtOnce = kAligned ? kVectorWidth<T> : 1;
    copy_tile<kTileRows, kDepth, kStrideOfA, kAtOnce>(block, p.a, row0, l0, p.m, p.k, stage);
    copy_tile<kDepth, kTileColumns, kStrideOfB, kAtOnce>(block, p.b, l0, column0, p.k, p.n,
                                                         stage + kTileRows * kStrideOfA);
  }

  // kRows x kColumns elements from (row0, column0) of a rows x columns matrix.
  template <int kRows, int kColumns, int kStride, int kAtOnce, class Block>
  OVERTAKE_DEVICE static void copy_tile(const Block& block, const T* x, std::int64_t row0, std::int64_t column0,
                                        std::int64_t rows, std::int64_t columns, T* to) {
    constexpr int kAcross = kColumns / kAtOnce, kDown = kThreads / kAcross;
    static_assert(kThreads % kAcross == 0 && kRows % kDown == 0, "all threads fetch equally much");
    const int down = block.thread() / kAcross, beside = block.thread() % kAcross * kAtOnce;
    const bool inside = column0 + beside < columns;
    // What is not inside is not read, so its address may be any.
    const T* from = x + (row0 + down) * columns + column0 + beside;
    OVERTAKE_UNROLL
    for (int i = 0; i < kRows; i += kDown)
      block.template copy_async<kAtOnce * sizeof(T)>(to + (down + i) * kStride + beside, from + i * columns,
                                                     inside && row0 + down + i < rows);
  }
};

}  // namespace overtake
