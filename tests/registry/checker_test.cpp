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

// What only some variants compute, tensor cores above all: bf16 rounds each element of C, tf32 each operand. Small (in
// full) and large (Freivalds), where a right answer must pass and a tenth of a typical element must not.
TEST(Checkers, CatchEveryPlantedFaultInTypesOfTensorCores) {
  for (const char* dtype : {"bf16", "tf32"})
    for (const char* shape : {"m:1/n:1/k:1", "m:64/n:64/k:64", "m:37/n:3/k:500", "m:1000/n:600/k:200"}) {
      const Cell cell = Cell::parse(std::string("matmul/serial_naive/") + dtype + "/kernel/" + shape + "/workers:1");
      for (const FaultResult& result : selftest(cell))
        EXPECT_TRUE(result.as_it_should) << cell.name() << ": " << result.name << ": " << result.detail;
    }
}

}  // namespace
}  // namespace overtake::bench
