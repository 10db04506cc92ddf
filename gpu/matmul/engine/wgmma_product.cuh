// SPDX-License-Identifier: Apache-2.0
// The kernel of cuda_wgmma. One thread of each block sends the copy engine for the tiles of A and B, several steps
// ahead; two warpgroups have tensor cores multiply them and send the copy engine off with C. Blocks stay for many
// tiles. Written against cuda::DeviceCluster's calls; tests/gpu/emulated_cluster.h stands in its place.
#pragma once

#include "gpu/matmul/engine/hilbert_order.cuh"
#include "gpu/matmul/engine/wgmma_plan.cuh"

namespace overtake {

/// What there is to do. Tiles are a cluster's: kClusterRows x kTileColumns.
template <class Map>
struct WgmmaWork {
  const Map *a, *b, *c;  // m x k; k x n, or transposed n x k; m x n
  const TileAt* tiles;
  int tile_count;
  int m, n, k;  // none is 0
};

template <class T>
class WgmmaProduct {
 public:
  using Plan = WgmmaPlan<T>;

  /// `shared`: Plan::kSharedBytes from a boundary of Plan::kAlignment.
  template <class Block, class Map>
  OVERTAKE_DEVICE static void run(const Block& block, const WgmmaWork<Map>& work, unsigned char* shared) {
    auto* full = reinterpret_cast<std::uint64_t*>(shared + Plan::kAtFull);
    auto* empty = reinterpret_cast<std::uint64_t*>(shared + Plan::kAtEmpty);
    if (block.thread() == 0) {
      for (int stage = 0; stage < Plan::kStages; ++stage) {
        block.init_barrier(full + stage, 1);  // its own producer; bytes besides
        // A stage takes from both blocks' copies, so all that read it there must be done with theirs.
        block.init_barrier(empty + stage, Plan::kConsumers * Plan::kCluster);
      }
      block.publish_barriers();
    }
    block.sync_cluster();
    const int warpgroup = block.thread() / Plan::kWarpgroup;
    if (warpgroup == 0) {
      block.template give_registers<Plan::kRegistersOfProducer>();
      if (block.thread() == 0) produce(block, work, shared, full, empty);
    } else {
      block.template take_registers<Plan::kRegistersOfConsumer>();
      consume(block, work, shared, full, empty, warpgroup - 1);
    }
    // The other block's copies and arrivals reach into this one's memory.
    block.sync_cluster();
  }

 private:
  using Turn = Ring<Plan::kStages>;

  OVERTAKE_HOST_DEVICE static constexpr int steps_of(int k) { return (k - 1) / Plan::kDepth + 1; }

  template <class Block, class Map>
  OVERTAKE_DEVICE static void produce(const Block& block, const WgmmaWork<Map>& work, unsigned char* shared,
                                      std::uint64_t* full, std::uint64_t* empty) {
    constexpr unsigned kBoth = (1u << Plan::kCluster) - 1;
    Turn turn;
    for (int i = block.cluster(); i < work.tile_count; i += block.clusters()) {
      const TileAt tile = work.tiles[i];
      const int row = Plan::first_row(tile.row, block.rank()), column = tile.column * Plan::kTileColumns;
      for (int step = 0; step < steps_of(work.k); ++step, turn.advance()) {
        unsigned char* const a = shared + turn.stage * Plan::kStageBytes;
        unsigned char* const b = a + Plan::kBytesOfA;
        const int depth = step * Plan::kDepth;
        block.wait(empty + turn.stage, turn.empty());
        block.arrive_expecting(full + turn.stage, Plan::kStageBytes);
        block.fetch(a, *work.a, depth, row, full + turn.stage);
        // Each block brings its part of B to both.
        for (int j = 0; j < Plan::kBoxesOfBlock; ++j) {
          const int box = block.rank() * Plan::kBoxesOfBlock + j, beside = column + box * Plan::kColumnsOfBoxOfB;
          block.fetch_for(kBoth, b + box * Plan::kBoxBytesOfB, *work.b, Plan::kTransposesB ? beside : depth,
                          Plan::kTransposesB ? depth : beside, full + turn.stage);
        }
      }
    }
  }

  template <class Block, class Map>
  OVERTAKE_DEVICE static void consume(const Block& block, const WgmmaWork<Map>& work, unsigned char* shared,
                                      std::uint64_t* full, std::uint64_t* empty, int consumer) {
    const int thread = block.thread() % Plan::kWarpgroup;
    const auto release = [&](int stage) {
      if (thread < Plan::kCluster) block.arrive_at(empty + stage, thread);
    };
    float sums[Plan::kSums];
    Turn turn;
    for (int i = block.cluster(); i < work.tile_count; i += block.clusters()) {
      int before = 0;  // the stage that is still being read
      for (int step = 0; step < steps_of(work.k); ++step, turn.advance()) {
        const std::uint32_t stage = block.address(shared + turn.stage * Plan::kStageBytes);
        const std::uint32_t of_a =
            stage + static_cast<std::uint32_t>(consumer * Plan::kRowsOfConsumer * Plan::kRowBytes);
        block.wait(full + turn.stage, turn.full());
        block.begin_products();
        OVERTAKE_UNROLL
        for (int l = 0; l < Plan::kInstructions; ++l)
          block.template multiply<T>(sums, Plan::descriptor_of_a(of_a, l),
                                     Plan::descriptor_of_b(stage + Plan::kBytesOfA, l), step > 0 || l > 0);
        block.commit_products();
        // One step is in flight while the next is waited for.
        block.wait_products_but_one();
        if (step > 0) release(before);
        before = turn.stage;
      }
      block.wait_products(sums);
      release(before);
      const TileAt tile = work.tiles[i];
      store(block, work, shared + Plan::kAtPieces + consumer * Plan::kBuffers * Plan::kPieceBytes, sums, consumer,
            Plan::first_row(tile.row, block.rank()) + consumer * Plan::kRowsOfConsumer,
            tile.column * Plan::kTileColumns);
    }
    if (thread == 0) block.template wait_puts<0>();
  }

  // A piece is staged while the copy engine still reads the one before it.
  template <class Block, class Map>
  OVERTAKE_DEVICE static void store(const Block& block, const WgmmaWork<Map>& work, unsigned char* pieces,
                                    const float (&sums)[Plan::kSums], int consumer, int row, int column) {
    const int thread = block.thread() % Plan::kWarpgroup;
    constexpr int kSumsOfPiece = Plan::kSums / Plan::kPieces;
    OVERTAKE_UNROLL
    for (int piece = 0; piece < Plan::kPieces; ++piece) {
      unsigned char* const buffer = pieces + piece % Plan::kBuffers * Plan::kPieceBytes;
      if (thread == 0) block.template wait_puts_read<Plan::kBuffers - 1>();
      block.sync_warpgroup(1 + consumer);
      OVERTAKE_UNROLL
      for (int s = piece * kSumsOfPiece; s < (piece + 1) * kSumsOfPiece; s += 2)
        write_pair(buffer + Plan::staged_at(thread, s), sums[s], sums[s + 1]);
      block.publish_writes();
      block.sync_warpgroup(1 + consumer);
      const int beside = column + piece * Plan::kRowElements;
      if (thread == 0) {
        // What lies outside is clipped; what is outside as a whole is not sent.
        if (row < work.m && beside < work.n) block.put(*work.c, buffer, beside, row);
        block.commit_puts();
      }
    }
  }

  OVERTAKE_DEVICE static void write_pair(unsigned char* to, float first, float second) {
    struct alignas(2 * sizeof(T)) Pair {
      T first, second;
    };
    *reinterpret_cast<Pair*>(to) = {T(first), T(second)};
  }
};

}  // namespace overtake
