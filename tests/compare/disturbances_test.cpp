// SPDX-License-Identifier: Apache-2.0
#include "compare/disturbances.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/compare/example_run.h"

namespace overtake::compare {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ExampleRun run_with(const std::string& metrics, double busy_cores = 2) {
  ExampleRun run;
  Row row = example_row("matmul/openmp/f32/kernel/m:64/n:64/k:64/workers:2");
  row.metrics = KeyValues::parse(metrics);
  row.cpu_seconds = 0.01 * busy_cores;
  add_samples(run, row, around(0.01));
  return run;
}

TEST(Disturbances, ACalmRunHasNone) {
  EXPECT_THAT(disturbances(run_with("runqueue_wait=0.001;steal=0.001;clock_hz_low=3e9;clock_hz_high=3.05e9")),
              IsEmpty());
  EXPECT_THAT(disturbances(run_with("")), IsEmpty());
}

TEST(Disturbances, EachIsNamedWithItsWorstCell) {
  EXPECT_THAT(disturbances(run_with("runqueue_wait=0.4")),
              ElementsAre(AllOf(HasSubstr("other programs"), HasSubstr("1 cell"), HasSubstr("40 %"))));
  EXPECT_THAT(disturbances(run_with("steal=0.1")), ElementsAre(HasSubstr("hypervisor")));
  EXPECT_THAT(disturbances(run_with("throttled_seconds=0.2")), ElementsAre(HasSubstr("quota")));
  EXPECT_THAT(disturbances(run_with("clock_hz_low=2e9;clock_hz_high=3e9")), ElementsAre(HasSubstr("clock changed")));
}

TEST(Disturbances, ARowThatWasToComputeAndMostlyWaitedIsNamed) {
  EXPECT_THAT(disturbances(run_with("steal=0", 0.6)),
              ElementsAre(AllOf(HasSubstr("Mostly waited"), HasSubstr("matmul/openmp"), HasSubstr("30 %"))));
}

TEST(Disturbances, WaitingForAServerIsNone) {
  for (const char* bound : {"latency", "origin", "disk"}) {
    ExampleRun run = run_with("steal=0", 0.1);
    for (Row& row : run.rows) row.bound = bound;
    EXPECT_THAT(disturbances(run), IsEmpty()) << bound;
  }
}

}  // namespace
}  // namespace overtake::compare
