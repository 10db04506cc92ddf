// SPDX-License-Identifier: Apache-2.0
#include "compare/scaling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "compare/student.h"
#include "tests/compare/example_run.h"

namespace overtake::compare {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t kSeed = 20261121;

std::string cell_name(int workers, const std::string& variant = "openmp") {
  return "matmul/" + variant + "/f32/kernel/m:512/n:512/k:512/workers:" + std::to_string(workers);
}

double amdahl(double fraction, int workers) { return 0.01 * (fraction + (1 - fraction) / workers); }

// Rows that hold the processes' ledger beside their time.
void add_pool_cell(ExampleRun& run, int workers, double seconds, double compute_sum, double compute_max) {
  Row row = example_row(cell_name(workers, "processes"));
  row.strategy = Strategy::processes;
  row.workers = workers;
  row.metrics = KeyValues::parse("pool_start_seconds=0.01;respawns=0");
  row.metrics.set("share_out_seconds", 0.02 * seconds);
  row.metrics.set("gather_seconds", 0.03 * seconds);
  row.metrics.set("wait_seconds", 0.95 * seconds);
  row.metrics.set("compute_max_seconds", compute_max);
  row.metrics.set("compute_sum_seconds", compute_sum);
  add_samples(run, row, around(seconds));
}

struct Shown {
  std::vector<Scaling> all;
  std::string text;
};
Shown shown(const ExampleRun& run) {
  const auto all = scalings(run);
  return {all, scalings_text(all)};
}

TEST(Student, QuantilesAgreeWithPublishedTables) {
  EXPECT_NEAR(student_quantile(0.975, 1), 12.706, 5e-4);
  EXPECT_NEAR(student_quantile(0.975, 2), 4.303, 5e-4);
  EXPECT_NEAR(student_quantile(0.975, 3), 3.182, 5e-4);
  EXPECT_NEAR(student_quantile(0.975, 4), 2.776, 5e-4);
  EXPECT_NEAR(student_quantile(0.975, 8), 2.306, 5e-4);
  EXPECT_NEAR(student_quantile(0.975, 9), 2.262, 5e-4);
  EXPECT_NEAR(student_quantile(0.95, 30), 1.697, 5e-4);
  EXPECT_NEAR(student_quantile(0.025, 8), -2.306, 5e-4);
  EXPECT_NEAR(student_quantile(0.5, 5), 0, 1e-9);
}

TEST(Scaling, FitRecoversAnExactLawAndStaysWithinItsBounds) {
  const std::vector<std::int64_t> workers = {1, 2, 3, 8};
  for (const double fraction : {0.0, 0.05, 0.5, 1.0}) {
    std::vector<double> seconds;
    for (const auto p : workers) seconds.push_back(amdahl(fraction, static_cast<int>(p)));
    EXPECT_NEAR(fit_amdahl(workers, seconds).fraction, fraction, 1e-9);
  }
  const std::vector<double> superlinear = {8, 3, 1.5, 0.5}, slower = {1, 1.2, 1.5, 3};
  EXPECT_EQ(fit_amdahl(workers, superlinear).fraction, 0);
  EXPECT_GT(fit_amdahl(workers, superlinear).parallel, 0);
  EXPECT_EQ(fit_amdahl(workers, slower).fraction, 1);
  EXPECT_GT(fit_amdahl(workers, slower).serial, 0);
}

// Samples are correlated within processes, and a process disturbs all its cells alike.
TEST(Scaling, PlantedSerialFractionsAreRecovered) {
  std::mt19937_64 random(kSeed);
  std::uniform_real_distribution<double> uniform;
  std::normal_distribution<double> normal;
  constexpr int kCases = 1000;
  int fitted = 0, karp_flatt = 0, figures = 0;
  for (int i = 0; i < kCases; ++i) {
    const double fraction = 0.5 * uniform(random);
    const Noise noise{.between = 0.003 + 0.02 * uniform(random), .processes = 5 + i % 8};
    std::vector<double> shared;
    for (int p = 0; p < noise.processes; ++p) shared.push_back(0.02 * normal(random));
    ExampleRun run;
    for (const int workers : {1, 2, 4, 8}) {
      Row row = example_row(cell_name(workers));
      Processes seconds = noisy_samples(amdahl(fraction, workers), noise, random);
      for (std::size_t p = 0; p < seconds.size(); ++p)
        for (double& sample : seconds[p]) sample *= std::exp(shared[p]);
      add_samples(run, row, seconds);
    }
    const auto all = scalings(run);
    ASSERT_EQ(all.size(), 1U) << "seed " << kSeed << ", case " << i;
    const AmdahlFit& fit = all[0].fit.value();
    ASSERT_TRUE(fit.has_interval);
    EXPECT_NEAR(fit.fraction, fraction, 0.06) << "seed " << kSeed << ", case " << i;
    EXPECT_LT(fit.high - fit.low, 0.15);
    fitted += fit.low <= fraction && fraction <= fit.high;
    for (const ScalingPoint& point : all[0].points) {
      if (!point.serial_fraction) continue;
      ++figures;
      karp_flatt += point.fraction_low <= fraction && fraction <= point.fraction_high;
    }
  }
  EXPECT_GE(fitted, 930);
  EXPECT_EQ(figures, 3 * kCases);
  EXPECT_GE(karp_flatt, 2790);
}

TEST(Scaling, FiguresAreThoseOfTheTextbook) {
  ExampleRun run;
  run.system = {{"physical_cores_allowed", 8}};
  add_cell(run, cell_name(1), around(0.008));
  add_cell(run, cell_name(2), around(0.005));
  add_cell(run, cell_name(4), around(0.0035));
  const auto [all, text] = shown(run);
  ASSERT_EQ(all.size(), 1U);
  const auto& points = all[0].points;
  EXPECT_NEAR(points[1].speedup, 1.6, 1e-3);
  EXPECT_NEAR(points[1].efficiency, 0.8, 1e-3);
  EXPECT_NEAR(*points[1].serial_fraction, 0.25, 1e-3);
  EXPECT_NEAR(*points[2].serial_fraction, 0.25, 1e-3);
  EXPECT_NEAR(all[0].fit->fraction, 0.25, 1e-3);
  EXPECT_LT(std::abs(*points[2].residual), 1e-3);
  EXPECT_FALSE(points[0].serial_fraction.has_value());
  EXPECT_THAT(text, AllOf(HasSubstr("## matmul openmp, m=n=k=512, f32, kernel"), HasSubstr("1.60x"),
                          HasSubstr("serial fraction 25 %"), HasSubstr("at most 4.00x"), Not(HasSubstr("too many"))));
}

TEST(Scaling, TooManyWorkersAreNamedWithTheirPrice) {
  ExampleRun run;
  run.system = {{"physical_cores_allowed", 2}};
  add_cell(run, cell_name(1), around(0.008));
  add_cell(run, cell_name(2), around(0.004));
  add_cell(run, cell_name(4), around(0.006));
  const auto [all, text] = shown(run);
  EXPECT_EQ(all[0].best, 1U);
  EXPECT_TRUE(all[0].points[2].is_slower_than_best);
  // More workers than cores are no processors: the law is that of 1 and 2, and says nothing of 4.
  EXPECT_EQ(all[0].fit->points, 2U);
  EXPECT_NEAR(all[0].fit->fraction, 0, 1e-3);
  EXPECT_FALSE(all[0].points[2].residual.has_value());
  EXPECT_THAT(text, HasSubstr("4 workers on 2 cores take 1.50x"));
  EXPECT_THAT(text, AllOf(HasSubstr("as long as 2: too many."), HasSubstr("leave no residuals")));
}

TEST(Scaling, OverheadThatGrowsIsNotCalledSerialWork) {
  ExampleRun run;
  run.system = {{"physical_cores_allowed", 16}};
  for (const int p : {1, 2, 4, 8}) add_cell(run, cell_name(p), around(0.01 / p + 0.0001 * p * p));
  const auto [all, text] = shown(run);
  EXPECT_THAT(text, HasSubstr("a cost that grows with the workers"));
}

TEST(Scaling, LedgerSaysWhereTheTimeWent) {
  ExampleRun run;
  run.system = {{"physical_cores_allowed", 4}};
  add_pool_cell(run, 1, 0.010, 0.0094, 0.0094);
  add_pool_cell(run, 4, 0.008, 0.0280, 0.0074);
  const auto [all, text] = shown(run);
  ASSERT_TRUE(all.at(0).points.at(1).ledger.has_value());
  const LedgerTimes& ledger = *all[0].points[1].ledger;
  EXPECT_NEAR(ledger.total(), 0.008, 1e-12);
  EXPECT_NEAR(ledger.even(4), 0.007, 1e-12);
  EXPECT_NEAR(ledger.uneven(4), 0.0004, 1e-12);
  EXPECT_NEAR(ledger.idle(), 0.0002, 1e-12);
  EXPECT_THAT(text, AllOf(HasSubstr("2.98x"), HasSubstr("5.50 ms of the pool's 8.00 ms are lost"),
                          HasSubstr("4.65 ms the same work taking longer")));
}

TEST(Scaling, BrokenLedgersAreLeftOut) {
  ExampleRun run;
  for (const int p : {1, 2}) {
    Row row = example_row(cell_name(p, "processes"));
    row.workers = p;
    row.metrics = KeyValues::parse("share_out_seconds=inf;wait_seconds=-1;gather_seconds=x");
    add_samples(run, row, around(0.01 / p));
  }
  const auto [all, text] = shown(run);
  EXPECT_FALSE(all.at(0).points.at(1).ledger.has_value());
}

TEST(Scaling, OneNumberOfWorkersIsNoScaling) {
  ExampleRun run;
  add_cell(run, cell_name(2), around(0.01));
  add_status(run, cell_name(4), RowStatus::wrong, "element (0, 0)");
  add_cell(run, "matmul/openmp/f32/kernel/m:512/n:512/k:512/workers:all", around(0.01));  // 2, as it turned out
  add_cell(run, "matmul/serial/f32/kernel/m:512/n:512/k:512/workers:1", around(0.02));
  const auto [all, text] = shown(run);
  EXPECT_TRUE(all.empty());
  EXPECT_THAT(text, HasSubstr("--workers"));
  EXPECT_EQ(scalings_json(all).dump(), "[]");
}

TEST(Scaling, WithoutOneWorkerThereIsNoSerialFraction) {
  ExampleRun run;
  add_cell(run, cell_name(2), around(0.006));
  add_cell(run, cell_name(4), around(0.004));
  const auto [all, text] = shown(run);
  EXPECT_FALSE(all.at(0).points.at(1).serial_fraction.has_value());
  EXPECT_NEAR(all[0].points[1].efficiency, 0.75, 1e-3);
  const auto json = scalings_json(all);
  EXPECT_TRUE(json[0]["points"][1]["serial_fraction"].is_null());
  EXPECT_EQ(json[0]["fastest_workers"], 4);
}

TEST(Scaling, SuperlinearSpeedUpHasANegativeFractionAndTimesOfZeroHaveNone) {
  ExampleRun run;
  add_cell(run, cell_name(1), around(0.010));
  add_cell(run, cell_name(2), around(0.004));
  add_cell(run, cell_name(1, "fast"), {{0}, {0}});
  add_cell(run, cell_name(2, "fast"), {{0}, {0}});
  const auto [all, text] = shown(run);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_LT(*all[0].points[1].serial_fraction, 0);
  EXPECT_EQ(all[0].fit->fraction, 0);
}

}  // namespace
}  // namespace overtake::compare
