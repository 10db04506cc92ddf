// SPDX-License-Identifier: Apache-2.0
// What cuda_wgmma's kernel computes about places, turns and descriptors, against the definitions.
#include "gpu/matmul/engine/wgmma_plan.cuh"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <vector>

#include "gpu/matmul/engine/hilbert_order.cuh"

namespace overtake {
namespace {

void expect_each_tile_once(std::int64_t rows, std::int64_t columns) {
  const auto order = hilbert_order(rows, columns);
  ASSERT_EQ(order.size(), static_cast<std::size_t>(rows * columns)) << rows << 'x' << columns;
  std::vector<bool> seen(order.size());
  for (const TileAt& tile : order) {
    ASSERT_TRUE(tile.row >= 0 && tile.row < rows && tile.column >= 0 && tile.column < columns)
        << rows << 'x' << columns;
    const auto at = static_cast<std::size_t>(tile.row * columns + tile.column);
    ASSERT_FALSE(seen[at]) << tile.row << ',' << tile.column << " twice in " << rows << 'x' << columns;
    seen[at] = true;
  }
}

TEST(HilbertOrder, HasEveryTileOnce) {
  for (std::int64_t rows = 0; rows <= 20; ++rows)
    for (std::int64_t columns = 0; columns <= 20; ++columns)
      ASSERT_NO_FATAL_FAILURE(expect_each_tile_once(rows, columns));
  for (const auto& [rows, columns] :
       {std::pair(1, 4096), std::pair(4096, 1), std::pair(3, 1000), std::pair(1000, 3), std::pair(33, 64)})
    ASSERT_NO_FATAL_FAILURE(expect_each_tile_once(rows, columns));
}

TEST(HilbertOrder, GoesFromATileToItsNeighbour) {
  for (const std::int64_t rows : {1, 2, 4, 8, 16})
    for (const std::int64_t columns : {1, 2, 4, 8, 16}) {
      const auto order = hilbert_order(rows, columns);
      for (std::size_t i = 1; i < order.size(); ++i)
        ASSERT_EQ(std::abs(order[i].row - order[i - 1].row) + std::abs(order[i].column - order[i - 1].column), 1)
            << "step " << i << " of " << rows << 'x' << columns;
    }
}

// The first 64 of a large grid lie in a square of 8 x 8: they share 8 rows and 8 columns of tiles.
TEST(HilbertOrder, TilesAtTheSameTimeShareRowsAndColumns) {
  std::set<std::int32_t> rows, columns;
  for (const TileAt& tile : hilbert_order(32, 32)) {
    rows.insert(tile.row);
    columns.insert(tile.column);
    if (rows.size() * columns.size() >= 64) break;
  }
  EXPECT_EQ(rows.size(), 8u);
  EXPECT_EQ(columns.size(), 8u);
}

TEST(Swizzle, ExchangesTheEighthsOfEachRowByTheRowsNumber) {
  for (std::uint32_t byte = 0; byte < 8192; ++byte) {
    const std::uint32_t row = byte / 128, eighth = byte / 16 % 8, inside = byte % 16;
    ASSERT_EQ(swizzled(byte), row * 128 + (eighth ^ row % 8) * 16 + inside) << byte;
    ASSERT_EQ(swizzled(swizzled(byte)), byte);
  }
}

TEST(WgmmaDescriptor, HasItsFieldsWhereThePtxIsaPutsThem) {
  EXPECT_EQ(wgmma_descriptor(0, 0, 0), std::uint64_t{1} << 62);
  EXPECT_EQ(wgmma_descriptor(0x3fff0, 0, 0), std::uint64_t{1} << 62 | 0x3fff);
  EXPECT_EQ(wgmma_descriptor(0x400, 16, 1024), 0x4000'0040'0001'0040u);  // as fast.cu and CUTLASS have it, K-major
  EXPECT_EQ(wgmma_descriptor(0x400, 8192, 1024), 0x4000'0040'0200'0040u);
  EXPECT_EQ(wgmma_descriptor(0x40000 + 0x400, 0, 0), std::uint64_t{1} << 62 | 0x40);  // 18 bits of an address count
}

// A barrier that counts its phases, and what a wait for a parity means.
TEST(Ring, ProducerAndConsumerMeetInEveryRound) {
  constexpr int kStages = 3;
  Ring<kStages> producer, consumer;
  std::vector<std::uint32_t> full(kStages, 0), empty(kStages, 0);
  const auto ended = [](std::uint32_t phase, std::uint32_t parity) { return phase % 2 != parity; };
  int ahead = 0;
  for (int step = 0; step < 50; ++step) {
    // As far ahead as there are stages, and no further.
    for (; ended(empty[static_cast<std::size_t>(producer.stage)], producer.empty()); producer.advance(), ++ahead) {
      ASSERT_LT(ahead, kStages) << "a full stage would be overwritten";
      ++full[static_cast<std::size_t>(producer.stage)];
    }
    ASSERT_EQ(ahead, kStages);
    for (int i = 0; i < 1 + step % kStages; ++i, consumer.advance(), --ahead) {
      ASSERT_TRUE(ended(full[static_cast<std::size_t>(consumer.stage)], consumer.full()));
      ++empty[static_cast<std::size_t>(consumer.stage)];
    }
    if (ahead == 0) {
      ASSERT_FALSE(ended(full[static_cast<std::size_t>(consumer.stage)], consumer.full()));
    }
  }
}

template <class T>
class WgmmaPlanTest : public ::testing::Test {};
using Multiplied = ::testing::Types<Bf16, Tf32>;
TYPED_TEST_SUITE(WgmmaPlanTest, Multiplied);

TYPED_TEST(WgmmaPlanTest, FitsAMultiprocessor) {
  using Plan = WgmmaPlan<TypeParam>;
  EXPECT_EQ(Plan::kStageBytes, Plan::kDepth * (Plan::kTileRows + Plan::kTileColumns) * Plan::kElement);
  EXPECT_LE(Plan::kSharedAsked, 232448);
  EXPECT_EQ(Plan::kAtPieces % Plan::kAlignment, 0);
  EXPECT_EQ(Plan::kAtFull % 8, 0);
  EXPECT_EQ(Plan::kSums, 128);
  EXPECT_LE(Plan::kWarpgroup * (Plan::kRegistersOfProducer + Plan::kConsumers * Plan::kRegistersOfConsumer), 65536);
  EXPECT_EQ(Plan::kBoxesOfBlock * Plan::kCluster * Plan::kColumnsOfBoxOfB, Plan::kTileColumns);
  EXPECT_LE(std::max(Plan::kTileRows, Plan::kRowsOfBoxOfB), 256);  // cuTensorMapEncodeTiled: of a box
  EXPECT_EQ(Plan::kInstructionDepth * Plan::kElement, 32);         // wgmma: 256 bits of K
}

TYPED_TEST(WgmmaPlanTest, EveryElementOfCIsOneSumsAndIsStagedOnce) {
  using Plan = WgmmaPlan<TypeParam>;
  std::set<std::pair<int, int>> elements;
  std::vector<std::set<std::uint32_t>> staged(Plan::kPieces);
  for (int thread = 0; thread < Plan::kWarpgroup; ++thread)
    for (int i = 0; i < Plan::kSums; ++i) {
      const int row = Plan::row_of_sum(thread, i), column = Plan::column_of_sum(thread, i);
      ASSERT_TRUE(row >= 0 && row < Plan::kRowsOfConsumer && column >= 0 && column < Plan::kTileColumns);
      elements.emplace(row, column);
      // The sums of a piece are those of its columns.
      const int piece = i / (Plan::kSums / Plan::kPieces);
      ASSERT_EQ(column / Plan::kRowElements, piece);
      const std::uint32_t at = Plan::staged_at(thread, i);
      ASSERT_EQ(at, swizzled(static_cast<std::uint32_t>(row * 128 + column % Plan::kRowElements * Plan::kElement)));
      ASSERT_LT(at, static_cast<std::uint32_t>(Plan::kPieceBytes));
      staged[static_cast<std::size_t>(piece)].insert(at);
      if (i % 2 == 0) {
        ASSERT_EQ(at + Plan::kElement, Plan::staged_at(thread, i + 1)) << "pairs are written at once";
      }
    }
  EXPECT_EQ(elements.size(), static_cast<std::size_t>(Plan::kRowsOfConsumer * Plan::kTileColumns));
  for (const auto& piece : staged)
    EXPECT_EQ(piece.size(), static_cast<std::size_t>(Plan::kPieceBytes / Plan::kElement));
}

TYPED_TEST(WgmmaPlanTest, ConsumersOfAClusterShareItsRows) {
  using Plan = WgmmaPlan<TypeParam>;
  std::vector<int> rows;
  for (int tile = 0; tile < 3; ++tile)
    for (int rank = 0; rank < Plan::kCluster; ++rank)
      for (int consumer = 0; consumer < Plan::kConsumers; ++consumer)
        rows.push_back(Plan::first_row(tile, rank) + consumer * Plan::kRowsOfConsumer);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i], static_cast<int>(i) * Plan::kRowsOfConsumer);
}

// Pairs of bf16 are 4 bytes: a warp writes them to 32 banks. Pairs of f32 are 8 and go half a warp at a time.
TEST(WgmmaPlan, WarpsStageCWithoutBankConflicts) {
  for (int i = 0; i < 128; i += 2)
    for (int warp = 0; warp < 128; warp += 32) {
      std::set<std::uint32_t> banks;
      for (int lane = 0; lane < 32; ++lane) banks.insert(WgmmaPlan<Bf16>::staged_at(warp + lane, i) / 4 % 32);
      ASSERT_EQ(banks.size(), 32u) << "sum " << i;
    }
}

}  // namespace
}  // namespace overtake
