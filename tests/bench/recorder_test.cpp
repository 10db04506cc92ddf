// SPDX-License-Identifier: Apache-2.0
// What bounds a cell beside ceilings: the longest of its least times, and what lies below it.
#include "bench/harness/recorder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "bench/harness/ceilings.h"
#include "core/results/reader.h"
#include "tests/support/temporary_folder.h"

namespace overtake::bench {
namespace {

constexpr const char* kCell = "download/async/none/kernel/files:4/bytes:100/in_flight=2/latency_ms=10/workers:1";

Row row_with(const std::vector<std::vector<LeastTime>>& bounds, bool expect_suspect) {
  const TemporaryFolder folder;
  const Cell cell = Cell::parse(kCell);
  SharedData shared{Registry::global().find("download")->make_data(cell, {}, {}), {}};
  CellTimer timer(cell, shared, 0);
  {
    Recorder recorder(folder / "bench.csv", {"run", "box"});
    recorder.sample(timer, timer.measure());
    for (const auto& bound : bounds) recorder.bound(cell, bound);
    EXPECT_EQ(recorder.implausible().size(), expect_suspect ? 1U : 0U);
    recorder.end_group();
    recorder.finish();
    EXPECT_EQ(recorder.all_good(), !expect_suspect);
  }
  return read_results(folder / "bench.csv").rows.at(0);
}

TEST(Recorder, ASampleBelowItsLeastTimeIsImplausible) {
  if (std::isinf(kImplausible)) GTEST_SKIP() << "under a sanitizer no sample is called implausible";
  const Row row = row_with({{{"latency", 1000}, {"disk", 1}}}, true);
  EXPECT_EQ(row.status, RowStatus::implausible);
  EXPECT_EQ(row.bound, "latency");
}

TEST(Recorder, TheLeastOfEveryMeasurementOfABoundCounts) {
  const Row row = row_with({{{"latency", 0.02}, {"disk", 1000}}, {{"disk", 1e-6}}}, false);
  EXPECT_EQ(row.status, RowStatus::ok);
  EXPECT_EQ(row.bound, "latency");
  // Two rounds of 10 ms cannot take less.
  EXPECT_GT(*row.ceiling_fraction, 0);
  EXPECT_LE(*row.ceiling_fraction, 1);
}

TEST(Recorder, WithoutOneThereIsNoBound) { EXPECT_EQ(row_with({}, false).bound, ""); }

}  // namespace
}  // namespace overtake::bench
