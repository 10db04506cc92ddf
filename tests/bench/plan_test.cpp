// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/registry/declared.h"
#include "core/workload/download.h"

namespace overtake::bench {
namespace {

std::vector<std::string> names(const std::vector<PlannedCell>& cells) {
  std::vector<std::string> out;
  for (const PlannedCell& planned : cells) out.push_back(planned.cell.name());
  return out;
}

TEST(Plan, HoldsEachCellOnceAndInTheDefaultSuiteEveryDeclaredVariantOfTheWorkloads) {
  for (const Suite& suite : {default_suite(), quick_suite()}) {
    const auto cells = plan(suite, {});
    std::set<std::string> once, variants;
    for (const PlannedCell& planned : cells) {
      EXPECT_TRUE(once.insert(planned.cell.name()).second) << planned.cell.name();
      variants.insert(planned.cell.workload + "/" + planned.cell.variant);
    }
    for (const DeclaredVariant& row : declared_variants()) {
      if (row.workload == "ceiling" || suite.name.starts_with("quick")) continue;
      EXPECT_TRUE(variants.contains(std::string(row.workload) + "/" + std::string(row.variant))) << row.variant;
    }
  }
}

TEST(Plan, SerialVariantsHaveOneWorkerWhateverIsAsked) {
  Selection selection;
  selection.workloads = {"matmul"};
  selection.variants = {"serial", "openmp"};
  selection.sizes = {"8"};
  selection.dtypes = {Dtype::f32};
  selection.scopes = {Scope::kernel};
  selection.workers = {{2}, {4}};
  EXPECT_EQ(names(plan(quick_suite(), selection)),
            (std::vector<std::string>{"matmul/serial/f32/kernel/m:8/n:8/k:8/workers:1",
                                      "matmul/openmp/f32/kernel/m:8/n:8/k:8/workers:2",
                                      "matmul/openmp/f32/kernel/m:8/n:8/k:8/workers:4"}));
}

TEST(Plan, WorkloadsWithAParameterForItHaveOneWorkerWhateverIsAsked) {
  Selection selection;
  selection.workloads = {"download"};
  selection.variants = {"threads"};
  selection.workers = {{2}, {4}};
  EXPECT_EQ(names(plan(quick_suite(), selection)),
            (std::vector<std::string>{
                "download/threads/none/kernel/files:10/bytes:10000/in_flight=5/latency_ms=2/workers:1"}));
}

TEST(Plan, AColdL2CacheIsAskedOfGpuVariantsAlone) {
  for (const auto& [workload, size] :
       {std::pair{"matmul", "8"}, std::pair{"preprocess", "8x3"}, std::pair{"summarize", "8x3"}}) {
    Selection selection;
    selection.workloads = {workload};
    selection.sizes = {size};
    selection.params = {{"l2", {"cold"}}};
    for (const PlannedCell& planned : plan(quick_suite(), selection)) {
      const VariantInfo* variant = Registry::global().find(workload, planned.cell.variant);
      if (variant == nullptr || variant->strategy == Strategy::gpu) continue;
      EXPECT_NE(planned.skip.find("l2 is about a GPU's cache"), std::string::npos) << planned.cell.name();
    }
    selection.params = {{"l2", {"tepid"}}};
    EXPECT_THROW(plan(quick_suite(), selection), UsageError) << workload;
  }
}

TEST(Plan, TransfersAreAQuestionOfGpuVariantsAndOfScopesThatHaveThem) {
  Selection selection;
  selection.workloads = {"matmul"};
  selection.sizes = {"8"};
  selection.dtypes = {Dtype::f32};
  selection.params = {{"transfer", {"pageable", "overlapped"}}};
  selection.scopes = {Scope::kernel};
  for (const PlannedCell& planned : plan(quick_suite(), selection)) EXPECT_TRUE(planned.cell.params.empty());
  selection.scopes = {Scope::end_to_end};
  selection.variants = {"serial"};
  const auto cells = plan(quick_suite(), selection);
  ASSERT_EQ(cells.size(), 2U);
  for (const PlannedCell& planned : cells)
    EXPECT_NE(planned.skip.find("transfer is about copies to one"), std::string::npos) << planned.skip;
  selection.params = {{"transfer", {"by_hand"}}};
  EXPECT_THROW(plan(quick_suite(), selection), UsageError);
}

// Waiting, or a modest origin: 2,000 small files a second, 1 GB a second and as much to check it.
TEST(Plan, ASampleOfEverySliceOfDownloadsTakesAtMostTenMinutes) {
  double seconds = 0;
  for (const PlannedCell& planned : plan(download_suite(), {})) {
    const auto p = Download::Problem::from(planned.cell.shape, planned.cell.params);
    const double in_flight = planned.cell.variant == "sequential" ? 1 : static_cast<double>(p.in_flight);
    const double waiting = std::ceil(static_cast<double>(p.files) / in_flight) * p.latency_ms * 1e-3;
    const double work = std::max(static_cast<double>(p.files) / 2000, static_cast<double>(p.files * p.bytes) * 2e-9);
    const int runs = Download::rehearsed(p) ? 4 : 1;  // two verify, one warms up
    seconds += runs * std::max(waiting, work);
  }
  EXPECT_LE(seconds, 540);  // the rest: starting workers, digests, the cell that is timed twice
}

TEST(Plan, ParametersMakeEveryCombination) {
  Selection selection;
  selection.workloads = {"preprocess"};
  selection.variants = {"serial"};
  selection.sizes = {"10x4"};
  selection.scopes = {Scope::kernel};
  selection.params = {{"phase", {"fit", "apply"}}, {"steps", {"impute_mean", "log1p"}}};
  EXPECT_EQ(plan(quick_suite(), selection).size(), 4U);
}

TEST(Plan, CallsOnTheSameDataAreAQuestionOfEndToEndOnly) {
  Selection selection;
  selection.workloads = {"matmul"};
  selection.variants = {"serial"};
  selection.sizes = {"8"};
  selection.dtypes = {Dtype::f32};
  selection.scopes = {Scope::kernel, Scope::end_to_end};
  selection.params = {{"calls", {"1", "10"}}};
  EXPECT_EQ(names(plan(quick_suite(), selection)),
            (std::vector<std::string>{"matmul/serial/f32/kernel/m:8/n:8/k:8/workers:1",
                                      "matmul/serial/f32/end_to_end/m:8/n:8/k:8/calls=1/workers:1",
                                      "matmul/serial/f32/end_to_end/m:8/n:8/k:8/calls=10/workers:1"}));
  selection.params = {{"calls", {"0"}}};
  EXPECT_THROW(plan(quick_suite(), selection), UsageError);
}

TEST(Plan, ACellThatCannotRunKeepsItsReason) {
  for (const PlannedCell& planned : plan(quick_suite(), {})) {
    for (const DeclaredVariant& row : declared_variants()) {
      if (row.workload != planned.cell.workload || row.variant != planned.cell.variant || row.missing.empty()) continue;
      EXPECT_EQ(planned.skip, row.missing);
    }
  }
}

TEST(Plan, TheQuickSuiteHasCellsOfEveryWorkload) {
  std::set<std::string> planned_workloads, workloads;
  for (const PlannedCell& planned : plan(quick_suite(), {})) planned_workloads.insert(planned.cell.workload);
  for (const DeclaredVariant& row : declared_variants()) workloads.emplace(row.workload);
  workloads.erase("ceiling");  // never asked for by itself
  EXPECT_EQ(planned_workloads, workloads);
}

TEST(Plan, UnknownNamesAreWrongUsage) {
  const auto with = [](auto change) {
    Selection selection;
    change(selection);
    return selection;
  };
  const Suite suite = quick_suite();
  EXPECT_THROW(plan(suite, with([](Selection& s) { s.workloads = {"knitting"}; })), UsageError);
  EXPECT_THROW(plan(suite, with([](Selection& s) { s.variants = {"turbo"}; })), UsageError);
  EXPECT_THROW(plan(suite, with([](Selection& s) { s.params = {{"speed", {"1"}}}; })), UsageError);
  EXPECT_THROW(plan(suite, with([](Selection& s) {
                      s.workloads = {"matmul"};
                      s.sizes = {"4x"};
                    })),
               UsageError);
  EXPECT_THROW(planned(Cell::parse("matmul/turbo/f32/kernel/m:1/n:1/k:1/workers:1")), UsageError);
}

}  // namespace
}  // namespace overtake::bench
