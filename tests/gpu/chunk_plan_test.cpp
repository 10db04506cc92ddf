// SPDX-License-Identifier: Apache-2.0
// Chunks of overlapped transfers: every row in one of them, however many rows there are and however long they are.
#include "gpu/cuda/chunk_plan.cuh"

#include <gtest/gtest.h>

namespace overtake::cuda {
namespace {

constexpr std::int64_t kMegabyte = std::int64_t{1} << 20;

TEST(ChunkPlan, HasEveryRowInOneChunk) {
  for (const std::int64_t rows : {0, 1, 2, 127, 128, 129, 1000, 4096, 8191, 100003})
    for (const std::int64_t row_bytes :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{4097}, kMegabyte, 9 * kMegabyte})
      for (const std::int64_t multiple : {1, 7, 128}) {
        const ChunkPlan plan(rows, row_bytes, multiple);
        std::int64_t next = 0;
        for (std::int64_t i = 0; i < plan.chunks(); ++i) {
          const RowRange chunk = plan.chunk(i);
          ASSERT_EQ(chunk.first, next) << rows << " rows of " << row_bytes << " bytes";
          ASSERT_GT(chunk.count, 0) << rows << " rows of " << row_bytes << " bytes";
          ASSERT_EQ(chunk.first % multiple, 0) << rows << " rows of " << row_bytes << " bytes";
          next += chunk.count;
        }
        EXPECT_EQ(next, rows) << row_bytes << " bytes";
        EXPECT_LE(plan.chunks(), ChunkPlan::kMostChunks) << rows << " rows of " << row_bytes << " bytes";
      }
}

TEST(ChunkPlan, CutsWhatIsWorthItAndNothingElse) {
  EXPECT_EQ(ChunkPlan(0, 100, 128).chunks(), 0);
  EXPECT_EQ(ChunkPlan(1, 100, 128).chunks(), 1);
  EXPECT_EQ(ChunkPlan(4096, 0, 128).chunks(), 1);     // nothing to copy
  EXPECT_EQ(ChunkPlan(4096, 1024, 128).chunks(), 1);  // 4 MiB
  EXPECT_EQ(ChunkPlan(4096, 2048, 128).chunks(), 2);
  EXPECT_EQ(ChunkPlan(4096, 32768, 128).chunks(), 16);  // 4096 x 4096 f32
  EXPECT_EQ(ChunkPlan(4096, 64 * kMegabyte, 128).chunks(), 16);
  EXPECT_EQ(ChunkPlan(100, 64 * kMegabyte, 128).chunks(), 1);  // fewer rows than a tile has
}

TEST(ChunkPlan, TheLastChunkIsWhatIsLeft) {
  const ChunkPlan plan(1000, 65536, 128);  // 64 rows are 4 MiB, a tile has 128
  EXPECT_EQ(plan.chunks(), 8);
  EXPECT_EQ(plan.chunk(6).count, 128);
  EXPECT_EQ(plan.chunk(7).first, 896);
  EXPECT_EQ(plan.chunk(7).count, 104);
}

}  // namespace
}  // namespace overtake::cuda
