// SPDX-License-Identifier: Apache-2.0
// The checkers are checked: every fault that design allows for is planted and must be caught. The largest problems are
// `overtake doctor --selftest`'s.
#include <gtest/gtest.h>

#include "bench/harness/selftest.h"

namespace overtake::bench {
namespace {

TEST(Checkers, AcceptRightAnswersAndCatchEveryPlantedFaultInSmallProblems) {
  const auto cells = small_selftest_cells();
  ASSERT_FALSE(cells.empty());
  for (const Cell& cell : cells)
    for (const FaultResult& result : selftest(cell))
      EXPECT_TRUE(result.as_it_should) << cell.name() << ": " << result.name << ": " << result.detail;
}

TEST(Checkers, CatchEveryPlantedFaultInALargeProduct) {
#ifdef OVERTAKE_SANITIZED
  Cell cell = Cell::parse("matmul/openmp/f32/kernel/m:512/n:512/k:512/workers:all");
#else
  Cell cell = Cell::parse("matmul/openmp/f32/kernel/m:2048/n:2048/k:2048/workers:all");
#endif
  for (const FaultResult& result : selftest(cell))
    EXPECT_TRUE(result.as_it_should) << result.name << ": " << result.detail;
  cell.dtype = Dtype::f64;
  for (const FaultResult& result : selftest(cell))
    EXPECT_TRUE(result.as_it_should) << result.name << ": " << result.detail;
}

}  // namespace
}  // namespace overtake::bench
