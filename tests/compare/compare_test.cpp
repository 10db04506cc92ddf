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

constexpr std::uint64_t kCompareSeed = 20261122;
const std::string kSerial = "matmul/serial/f32/kernel/m:64/n:64/k:64/workers:1";
const std::string kOpenmp = "matmul/openmp/f32/kernel/m:64/n:64/k:64/workers:2";

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

// 60 rows of 9 processes with 5 samples each that share their process' level, threshold 0.
ExampleRun noisy_run(std::mt19937_64& random, double slowdown = 1, const Noise& noise = {}) {
  ExampleRun run;
  for (int n = 1; n <= 60; ++n)
    add_cell(run, "matmul/serial/f32/kernel/m:" + std::to_string(n) + "/n:1/k:1/workers:1",
             noisy_samples(0.01 * (n == 1 ? slowdown : 1), noise, random));
  return run;
}

TEST(Compare, AtMostOneInTwelveComparisonsOfEqualRunsFindsAnything) {
  SCOPED_TRACE("seed " + std::to_string(kCompareSeed));
  std::mt19937_64 random(kCompareSeed);
  const CompareOptions options{.limits = {.threshold = 0}};
  int false_alarms = 0;
  for (int i = 0; i < 200; ++i) {
    const ExampleRun base = noisy_run(random), other = noisy_run(random);
    const Comparison comparison = compare_runs(base, other, options);
    false_alarms += comparison.count(Verdict::slower) + comparison.count(Verdict::faster) > 0 ? 1 : 0;
  }
  EXPECT_LE(false_alarms, 16);
}

// What is planted at 15 independent units and 2 % noise, among 60 rows.
double share_found(double slowdown) {
  SCOPED_TRACE("seed " + std::to_string(kCompareSeed));
  std::mt19937_64 random(kCompareSeed);
  const Noise independent{.between = 0.02, .within = 0, .processes = 15, .samples = 1};
  int found = 0;
  for (int i = 0; i < 200; ++i) {
    const ExampleRun base = noisy_run(random, 1, independent), other = noisy_run(random, slowdown, independent);
    found += compare_runs(base, other).cells.front().verdict == Verdict::slower ? 1 : 0;
  }
  return found / 200.0;
}

TEST(Compare, PlantedSlowdownsAreFound) {
  EXPECT_GE(share_found(1.10), 0.98);
  EXPECT_GE(share_found(1.05), 0.90);
}

TEST(Compare, UndecidedRowsSayHowManyMoreWouldDecide) {
  ExampleRun base, other;
  add_cell(base, kSerial, {{1}, {1.01}, {0.99}});
  add_cell(other, kSerial, {{1.5}, {1.51}, {1.49}});
  const Comparison comparison = compare_runs(base, other);
  EXPECT_EQ(comparison.cells[0].verdict, Verdict::undecided);
  EXPECT_FALSE(comparison.cells[0].ratio.has_interval);
  // Four a side reach p = 0.029 when nothing overlaps.
  EXPECT_EQ(comparison.cells[0].more_units, 1U);
  EXPECT_EQ(comparison.status(), Status::undecided);
  EXPECT_THAT(comparison_text(comparison), HasSubstr("undecided: 1 more process a side would decide"));
}

TEST(Compare, AChangeBelowTheNoiseFloorIsNoise) {
  ExampleRun base = run_of({{kSerial, 0.01}}), other = run_of({{kSerial, 0.0106}});
  EXPECT_EQ(cell_named(compare_runs(base, other), kSerial).verdict, Verdict::slower);
  const std::string twin = "matmul/serial/f32/kernel/m:64/n:64/k:64/aa=";
  add_cell(base, twin + "1/workers:1", around(0.01));
  add_cell(base, twin + "2/workers:1", around(0.0108));
  const Comparison comparison = compare_runs(base, other);
  EXPECT_GT(cell_named(comparison, kSerial).noise_floor, 0.07);
  EXPECT_EQ(cell_named(comparison, kSerial).verdict, Verdict::same);
  EXPECT_EQ(comparison.cells.size(), 3U) << "A/A rows are no rows of the comparison";
  EXPECT_THAT(comparison_text(comparison), HasSubstr("noise floor of matmul: "));
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
    EXPECT_EQ(comparison.count(Verdict::not_comparable), 1U) << other;
    EXPECT_THAT(cell_named(comparison, kSerial).why, HasSubstr("differ")) << other;
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

TEST(Compare, CoresThatRanSlowerThroughoutAreTheMachinesDoing) {
  const std::string l1 = "ceiling/read/f32/kernel/level:L1/workers:1";
  const ExampleRun base = run_of({{kSerial, 0.01}, {kOpenmp, 0.005}, {l1, 0.001}}),
                   other = run_of({{kSerial, 0.0115}, {kOpenmp, 0.00575}, {l1, 0.00115}});
  const Comparison comparison = compare_runs(base, other);
  EXPECT_EQ(cell_named(comparison, kSerial).verdict, Verdict::machine_changed);
  EXPECT_THAT(cell_named(comparison, kSerial).why,
              HasSubstr("the cores ran 15 % slower throughout (ceiling read, L1)"));
  EXPECT_EQ(cell_named(comparison, l1).verdict, Verdict::machine_changed);
  // Nothing is known of two workers' cores.
  EXPECT_EQ(cell_named(comparison, kOpenmp).verdict, Verdict::slower);
  // 4 % is not enough to excuse it.
  const ExampleRun less = run_of({{kSerial, 0.0115}, {l1, 0.00104}});
  EXPECT_EQ(cell_named(compare_runs(base, less), kSerial).verdict, Verdict::slower);
}

TEST(Compare, AProbeThatDidTwiceTheWorkInTwiceTheTimeIsTheSame) {
  const ExampleRun base = run_of({});
  ExampleRun other = base;
  for (Row& row : other.rows) {
    row.system_id = "another";
    *row.seconds *= 2;
    *row.flops *= 2;
  }
  const Comparison comparison = compare_runs(base, other);
  EXPECT_EQ(comparison.count(Verdict::same), 2U);
  EXPECT_THAT(comparison_text(comparison), HasSubstr("98.0 GFLOP/s  98.0 GFLOP/s   1.00"));
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
  EXPECT_THAT(comparison_text(comparison), HasSubstr("same within noise (answers unchecked)"));
}

TEST(Compare, AnswersThatWereNotVerifiedAreNotCompared) {
  const ExampleRun base = run_of({{kSerial, 0.01}});
  ExampleRun other = base;
  for (Row& row : other.rows) row.check_method.clear();
  const Comparison comparison = compare_runs(base, other);
  EXPECT_EQ(cell_named(comparison, kSerial).verdict, Verdict::not_comparable);
  EXPECT_EQ(cell_named(comparison, kSerial).why, "the answer was not verified in other");
  EXPECT_EQ(comparison.status(), Status::not_comparable);
}

TEST(Compare, ByVariantEveryOtherStandsAgainstTheBaseline) {
  const ExampleRun run = run_of({{kSerial, 0.01}, {kOpenmp, 0.005}});
  const Comparison comparison =
      compare_runs(run, run, {.by = Dimension::parse("variant"), .baselines = {{"matmul", "serial"}, {"ceiling", ""}}});
  ASSERT_EQ(comparison.cells.size(), 1U);
  EXPECT_EQ(comparison.cells[0].other->cell.variant, "openmp");
  EXPECT_EQ(comparison.cells[0].verdict, Verdict::faster);
  EXPECT_THAT(comparison_text(comparison), HasSubstr("serial → openmp"));
}

TEST(Compare, ByWorkersTheFewestAreTheBase) {
  const std::string one = "matmul/openmp/f32/kernel/m:64/n:64/k:64/workers:1";
  const ExampleRun run = run_of({{kOpenmp, 0.006}, {one, 0.01}});
  const Comparison comparison =
      compare_runs(run, run, {.by = Dimension::parse("workers"), .baselines = {{"matmul", "serial"}, {"ceiling", ""}}});
  ASSERT_EQ(comparison.cells.size(), 1U);
  EXPECT_EQ(comparison.cells[0].base->cell.workers.count, 1);
  EXPECT_NEAR(comparison.cells[0].ratio.estimate, 0.6, 1e-6);
}

TEST(Compare, ByAParameterItAloneMayDiffer) {
  const std::string shape = "matmul/serial/f32/kernel/m:64/n:64/k:64/";
  const ExampleRun run = run_of({{shape + "pad=0/workers:1", 0.01}, {shape + "pad=24/workers:1", 0.02}});
  const Comparison comparison =
      compare_runs(run, run, {.by = Dimension::parse("param:pad"), .baselines = {{"ceiling", ""}}});
  ASSERT_EQ(comparison.cells.size(), 1U);
  EXPECT_EQ(comparison.cells[0].verdict, Verdict::slower);
  EXPECT_THROW(compare_runs(run, run, {.by = Dimension::parse("variant"), .baselines = {{"ceiling", ""}}}), UsageError);
  EXPECT_THROW(Dimension::parse("colour"), UsageError);
}

TEST(Compare, RatesAreShownTheRightWayUp) {
  const ExampleRun base = run_of({{kSerial, 0.01}}), other = run_of({{kSerial, 0.02}});
  const Comparison comparison = compare_runs(base, other, {.metric = Metric::rate});
  EXPECT_EQ(cell_named(comparison, kSerial).verdict, Verdict::slower);
  const auto json = comparison_json(comparison);
  for (const auto& row : json["rows"])
    if (row["workload"] == "matmul") {
      EXPECT_NEAR(row["ratio"]["estimate"], 0.5, 1e-9);
      EXPECT_LT(row["ratio"]["low"], 0.5);
      EXPECT_GT(row["ratio"]["high"], 0.5);
    }
  EXPECT_THAT(comparison_text(comparison), HasSubstr("above 1 is faster"));
}

TEST(Compare, AMetricThatWasNotRecordedIsNotComparable) {
  const ExampleRun run = run_of({{kSerial, 0.01}});
  const Comparison comparison = compare_runs(run, run, {.metric = Metric::cpu_seconds});
  EXPECT_EQ(cell_named(comparison, kSerial).why, "no cpu_seconds recorded");
}

TEST(Compare, MarkdownPutsChangesFirstAndEscapesNames) {
  ExampleRun base = run_of({{kSerial, 0.01}, {kOpenmp, 0.005}}), other = run_of({{kSerial, 0.02}, {kOpenmp, 0.005}});
  other.label = "<img src=x>|\x1b[31m";
  const std::string text = comparison_markdown(compare_runs(base, other));
  EXPECT_LT(text.find("matmul/serial"), text.find("<details>"));
  EXPECT_GT(text.find("matmul/openmp"), text.find("<details>"));
  EXPECT_THAT(text, testing::AllOf(HasSubstr("\\<img"), Not(HasSubstr("\x1b"))));
}

TEST(Compare, OneProcessASideSaysWhatWasNotSeen) {
  ExampleRun run;
  add_cell(run, kSerial, {{1, 1.01, 0.99, 1.02}});
  EXPECT_THAT(comparison_text(compare_runs(run, run)), HasSubstr("differences between processes were not seen"));
}

TEST(Compare, RunsWithoutRowsSayThatNothingWasMeasured) {
  EXPECT_THAT(comparison_text(compare_runs(ExampleRun{}, ExampleRun{})), HasSubstr("Neither run measured anything"));
}

}  // namespace
}  // namespace overtake::compare
