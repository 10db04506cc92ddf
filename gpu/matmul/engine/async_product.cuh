// SPDX-License-Identifier: Apache-2.0
// The kernel of cuda_async: as cuda_warp_tiled, but tiles are fetched by cp.async several steps ahead, into a ring of
// stages, while the arithmetic goes on; and a thread reads its next fragment while it works on the present one.
#pragma once

#include "gpu/matmul/engine/transposed_tile.cuh"
#include "gpu/matmul/engine/warp_tiles.cuh"

namespace overtake {

template <class T, bool kAligned>
struct AsyncProduct {
  using Tiles = WarpTiles<T>;
  static constexpr int kThreads = Tiles::kThreads, kTileRows = Tiles::kTileRows, kTileColumns = Tiles::kTileColumns;
  static constexpr int kDepth = 16, kStages = 4;
  static constexpr int kBlocksAtOnce = Tiles::kBlocksAtOnce;
  static constexpr bool kUsesAlignment = true;
  static constexpr int kWidth = kVectorWidth<T>;
  static constexpr int kStrideOfA = kTileRows + kWidth;
  static constexpr int kStage = kDepth * (kStrideOfA + kTileColumns);  // elements: A transposed, then B
  static constexpr int kSharedElements = kStages * kStage;
  static_assert(kDepth % 2 == 0, "the two fragments change places an even number of times a tile");

  template <class Block>
  OVERTAKE_DEVICE static void run(const Block& block, const Product<T>& p, T* shared) {
    using Mine = typename Tiles::Mine;
    const TilePlace tile =
        tile_of_block(block.index(), ceil_div(p.m, kTileRows), ceil_div(p.n, kTileColumns), Tiles::kGroup);
    const std::int64_t row0 = tile.row * kTileRows, column0 = tile.column * kTileColumns;
    const int row = Tiles::row(block.thread()), column = Tiles::column(block.thread());
    const int steps = static_cast<int>(ceil_div(p.k, kDepth));
    Source source(p, row0, column0, block.thread());
    const auto read = [&](const T* stage, int l, typename Mine::Fragment& out) {
      Mine::read(stage + l * kStrideOfA + row, stage + kDepth * kStrideOfA + l * kTileColumns + column, out);
    };
    // One group a step, empty ones too: to wait for a step is to wait until so many are left.
    for (int s = 0; s < kStages - 1; ++s) {
      if (s < steps) source.fetch(block, shared + s * kStage);
      block.commit_copies();
    }
    block.template wait_copies<kStages - 2>();
    block.sync();
    Mine mine;
    typename Mine::Fragment fragments[2];
    if (steps > 0) read(shared, 0, fragments[0]);
    int now = 0;  // the stage of step s
    for (int s = 0; s < steps; ++s) {
      const int next = now + 1 < kStages ? now + 1 : 0;
      OVERTAKE_UNROLL
      for (int l = 0; l < kDepth; ++l) {
        if (l + 1 < kDepth) {
          read(shared + now * kStage, l + 1, fragments[(l + 1) % 2]);
        } else {
          block.template wait_copies<kStages - 2>();
          block.sync();
          if (s + 1 < steps) read(shared + next * kStage, 0, fragments[0]);
        }
        if (l == 0) {
          // Into the stage of step s - 1: all threads have passed the barrier after their last read of it.
          if (s + kStages - 1 < steps) source.fetch(block, shared + (now + kStages - 1) % kStages * kStage);
          block.commit_copies();
        }
        mine.add(fragments[l % 2]);
      }
      now = next;
    }
    mine.template store<kAligned>(p, row0 + row, column0 + column);
  }

 private:
  /// What a thread copies of each step, the same places of the tiles every time: pointers that move on, and how much of
  /// the matrices is left from them.
  class Source {
   public:
    OVERTAKE_DEVICE Source(const Product<T>& p, std::int64_t row0, std::int64_t column0, int thread)
        : a_(p.a + (row0 + thread / kDepth) * p.k + thread % kDepth),
          b_(p.b + thread / kAcross * p.n + column0 + thread % kAcross * kAtOnce),
          k_(p.k),
          n_(p.n),
          rows_(static_cast<int>(p.m - row0) - thread / kDepth),
          depth_of_a_(static_cast<int>(p.k) - thread % kDepth),
          depth_of_b_(
              column0 + std::int64_t{thread % kAcross} * kAtOnce < p.n ? static_cast<int>(p.k) - thread / kAcross : 0),
          to_a_(thread % kDepth * kStrideOfA + thread / kDepth),
          to_b_(kDepth * kStrideOfA + thread / kAcross * kTileColumns + thread % kAcross * kAtOnce) {}

    /// The next step's share, into its stage. What is not inside is not read, so its address may be any: CUTLASS'
    /// cp_async_zfill (include/cutlass/arch/memory_sm80.h) does the same.
    template <class Block>
    OVERTAKE_DEVICE void fetch(const Block& block, T* stage) {
      OVERTAKE_UNROLL
      for (int i = 0; i < kTileRows; i += kRowsOfA)
        block.template copy_async<sizeof(T)>(stage + to_a_ + i, a_ + i * k_, i < rows_ && depth_of_a_ > 0);
      OVERTAKE_UNROLL
      for (int i = 0; i < kDepth; i += kRowsOfB)
        block.template copy_async<kAtOnce * sizeof(T)>(stage + to_b_ + i * kTileColumns, b_ + i * n_, i < depth_of_b_);
      a_ += kDepth;
      b_ += kDepth * n_;
      depth_of_a_ -= kDepth;
      depth_of_b_ -= kDepth;
    }

   private:
    // A goes element by element, because that transposes it on the way; B 16 bytes at a time where its rows allow.
    static constexpr int kAtOnce = kAligned ? kWidth : 1, kAcross = kTileColumns / kAtOnce;
    static constexpr int kRowsOfA = kThreads / kDepth, kRowsOfB = kThreads / kAcross;
    static_assert(kThreads % kDepth == 0 && kThreads % kAcross == 0, "a thread stays in its column of a tile");
    const T *a_, *b_;
    std::int64_t k_, n_;
    int rows_, depth_of_a_, depth_of_b_;  // no extent is beyond 2^30 (Matmul::Problem)
    int to_a_, to_b_;
  };
};

}  // namespace overtake
