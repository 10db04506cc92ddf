// SPDX-License-Identifier: Apache-2.0
#include "compare/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/compare/example_run.h"

namespace overtake::compare {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t kSeed = 20261122;
const std::string kSerial = "matmul/serial/f32/kernel/m:64/n:64/k:64/workers:1";
const std::string kOpenmp = "matmul/openmp/f32/kernel/m:64/n:64/k:64/workers:2";

/// Three processes that agree to 1 %.
Processes around(double seconds) {
  return {{seconds, 1.02 * seconds, 0.99 * seconds}, {1.01 * seconds, seconds}, {0.99 * seconds, 0.98 * seconds}};
}

ExampleRun run_of(std::initializer_list<std::pair<std::string, double>> cells, double fma_rate = 100e9) {
  ExampleRun run;
  run.label = "example/run";
  add_fma_ceiling(run, "1", fma_rate);
  add_fma_ceiling(run, "2", fma_rate);
  for (const auto& [name, seconds] : cells) add_cell(run, name, around(seconds));
  return run;
}

const ComparedCell& cell_named(const Comparison& comparison, const std::string& name) {
  for (const ComparedCell& cell : comparison.cells)
    if (cell.cell.name() == name) return cell;
  throw std::runtime_error("no cell " + name);
}

TEST(Compare, ARunAgainstItselfIsTheSame) {
  const ExampleRun run = run_of({{kSerial, 0.01}, {kOpenmp, 0.005}});
  const Comparison comparison = compare_runs(run, run);
  EXPECT_EQ(comparison.status(), Status::good);
  EXPECT_EQ(comparison.count(Verdict::same), 4U);
  EXPECT_TRUE(comparison.differences.empty());
  EXPECT_THAT(comparison_text(comparison), HasSubstr("same within noise"));
}

TEST(Compare, OneCellSlowedByTenPercentIsSlowerAndNoOther) {
  const ExampleRun base = run_of({{kSerial, 0.01}, {kOpenmp, 0.005}}),
                   other = run_of({{kSerial, 0.01}, {kOpenmp, 0.0055}});
  const Comparison comparison = compare_runs(base, other);
  EXPECT_EQ(cell_named(comparison, kOpenmp).verdict, Verdict::slower);
  EXPECT_NEAR(cell_named(comparison, kOpenmp).ratio.estimate, 1.1, 1e-9);
  EXPECT_EQ(cell_named(comparison, kSerial).verdict, Verdict::same);
  EXPECT_EQ(comparison.status(), Status::failure);
  const Comparison reverse = compare_runs(other, base);
  EXPECT_EQ(cell_named(reverse, kOpenmp).verdict, Verdict::faster);
  EXPECT_EQ(reverse.status(), Status::good);
}

TEST(Compare, NineOfTenEqualNoisyRowsContainOne) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937_64 random(kSeed);
  ExampleRun base, other;
  for (int n = 1; n <= 200; ++n) {
    const std::string size = std::to_string(n);
    const std::string name = "matmul/serial/f32/kernel/m:" + size + "/n:1/k:1/workers:1";
    add_cell(base, name, noisy_samples(0.01, {}, random));
    add_cell(other, name, noisy_samples(0.01, {}, random));
  }
  const Comparison comparison = compare_runs(base, other);
  const auto contains_one = [](const ComparedCell& cell) { return cell.ratio.contains(1); };
  EXPECT_GE(std::count_if(comparison.cells.begin(), comparison.cells.end(), contains_one), 180);
}

TEST(Compare, UnmatchedRowsAreListedOnBothSides) {
  const Comparison comparison = compare_runs(run_of({{kSerial, 0.01}}), run_of({{kOpenmp, 0.01}}));
  EXPECT_EQ(cell_named(comparison, kSerial).verdict, Verdict::missing);
  EXPECT_EQ(cell_named(comparison, kSerial).why, "not in other");
  EXPECT_EQ(cell_named(comparison, kOpenmp).why, "not in base");
  EXPECT_EQ(comparison.status(), Status::missing);
  EXPECT_THAT(comparison_text(comparison), HasSubstr("missing: not in base"));
}

TEST(Compare, RowsOfAnotherScopeDtypeShapeOrParamsNeverMatch) {
  for (const char* other :
       {"matmul/serial/f64/kernel/m:64/n:64/k:64/workers:1", "matmul/serial/f32/end_to_end/m:64/n:64/k:64/workers:1",
        "matmul/serial/f32/kernel/m:64/n:64/k:65/workers:1", "matmul/serial/f32/kernel/m:64/n:64/k:64/pad=3/workers:1",
        "matmul/serial/f32/kernel/m:64/n:64/k:64/workers:all"}) {
    const Comparison comparison = compare_runs(run_of({{kSerial, 0.01}}), run_of({{other, 0.01}}));
    EXPECT_EQ(comparison.count(Verdict::missing), 2U) << other;
  }
}

TEST(Compare, SkippedOnOneSideIsMissingWithItsReason) {
  ExampleRun other = run_of({});
  add_status(other, kSerial, RowStatus::skipped, "would take over 5 s");
  const Comparison comparison = compare_runs(run_of({{kSerial, 0.01}}), other);
  EXPECT_EQ(cell_named(comparison, kSerial).verdict, Verdict::missing);
  EXPECT_EQ(cell_named(comparison, kSerial).why, "skipped in other: would take over 5 s");
}

TEST(Compare, SkippedOnBothSidesIsCountedAndNoComplaint) {
  ExampleRun run = run_of({{kSerial, 0.01}});
  add_status(run, kOpenmp, RowStatus::skipped, "no threads");
  const Comparison comparison = compare_runs(run, run);
  EXPECT_EQ(comparison.status(), Status::good);
  EXPECT_EQ(comparison.skipped_in_both.size(), 1U);
  EXPECT_THAT(comparison_text(comparison), HasSubstr("1 cell skipped in both"));
}

TEST(Compare, WrongAnswersAreNotComparedHoweverFast) {
  for (const RowStatus status : {RowStatus::wrong, RowStatus::implausible, RowStatus::failed}) {
    ExampleRun other = run_of({{kSerial, 0.001}});
    add_status(other, kSerial, status, "element 3");
    const Comparison comparison = compare_runs(run_of({{kSerial, 0.01}}), other);
    EXPECT_EQ(cell_named(comparison, kSerial).verdict, Verdict::not_comparable);
    EXPECT_THAT(cell_named(comparison, kSerial).why, HasSubstr("in other: element 3"));
    EXPECT_EQ(comparison.status(), Status::not_comparable);
  }
}

TEST(Compare, AMovedCeilingIsTheMachinesDoing) {
  const ExampleRun base = run_of({{kSerial, 0.01}}), other = run_of({{kSerial, 0.011}}, 91e9);
  const Comparison comparison = compare_runs(base, other);
  EXPECT_EQ(cell_named(comparison, kSerial).verdict, Verdict::machine_changed);
  EXPECT_EQ(cell_named(comparison, kSerial).why, "its ceiling (fma) went down 9.0 %");
  EXPECT_EQ(comparison.status(), Status::undecided);
  EXPECT_THAT(comparison_text(comparison), Not(HasSubstr("slower: ")));
  // 4 % is not enough to excuse it.
  EXPECT_EQ(cell_named(compare_runs(base, run_of({{kSerial, 0.011}}, 96e9)), kSerial).verdict, Verdict::slower);
}

TEST(Compare, BetweenSystemsAnotherCeilingIsPartOfTheFinding) {
  const ExampleRun base = run_of({{kSerial, 0.01}});
  ExampleRun other = run_of({{kSerial, 0.02}}, 50e9);
  for (Row& row : other.rows) row.system_id = "another";
  const Comparison comparison = compare_runs(base, other);
  EXPECT_FALSE(comparison.same_system);
  EXPECT_EQ(cell_named(comparison, kSerial).verdict, Verdict::slower);
  EXPECT_NEAR(cell_named(comparison, kSerial).ceiling_ratio.value(), 0.5, 1e-9);
}

TEST(Compare, DifferingFieldsStandBesideTheRatios) {
  ExampleRun base = run_of({{kSerial, 0.01}}), other = base;
  base.system = {{"compiler", "g++ 12"}, {"cores", 2}};
  other.system = {{"compiler", "g++ 13"}, {"cores", 2}};
  for (Row& row : other.rows) row.git_revision = "abcdef";
  EXPECT_THAT(comparison_text(compare_runs(base, other)),
              testing::AllOf(HasSubstr("  compiler: g++ 12 → g++ 13\n"),
                             HasSubstr("  git_revision: 9985ec8 → abcdef\n"), Not(HasSubstr("cores:"))));
}

TEST(Compare, AnotherLibraryBehindAYardstickIsADifference) {
  ExampleRun base = run_of({{kSerial, 0.01}}), other = base;
  for (Row& row : base.rows) row.library = row.workload == "matmul" ? "OpenBLAS 0.3.21" : "";
  for (Row& row : other.rows) row.library = row.workload == "matmul" ? "OpenBLAS 0.3.26" : "";
  EXPECT_THAT(comparison_text(compare_runs(base, other)),
              HasSubstr("library of serial: OpenBLAS 0.3.21 → OpenBLAS 0.3.26"));
}

TEST(Compare, UncheckedAnswersAreComparedAndSaidToBeUnchecked) {
  ExampleRun run;
  Row row = example_row("command/cpu/none/cold_start/n:1000/workers:1");
  row.check_method = "unchecked";
  add_samples(run, row, around(0.5));
  const Comparison comparison = compare_runs(run, run);
  EXPECT_FALSE(comparison.cells[0].both_verified());
  EXPECT_THAT(comparison_text(comparison), HasSubstr("same within noise (answers unchecked)"));
}

TEST(Compare, OneProcessASideSaysWhatWasNotSeen) {
  ExampleRun run;
  add_cell(run, kSerial, {{1, 1.01, 0.99, 1.02}});
  EXPECT_THAT(comparison_text(compare_runs(run, run)), HasSubstr("differences between processes were not seen"));
}

TEST(Compare, RunsWithoutRowsSayThatNothingWasMeasured) {
  EXPECT_THAT(comparison_text(compare_runs({}, {})), HasSubstr("Neither run measured anything"));
}

}  // namespace
}  // namespace overtake::compare
