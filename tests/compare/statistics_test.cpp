// SPDX-License-Identifier: Apache-2.0
#include "compare/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

#include "tests/compare/example_run.h"

namespace overtake::compare {
namespace {

constexpr std::uint64_t kSeed = 20261121;
constexpr int kTrials = 4000;

/// Share of `kTrials` pairs of equal cells whose 95 % interval contains 1.
double coverage(const Noise& base, const Noise& other) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937_64 random(kSeed);
  int contained = 0;
  for (int i = 0; i < kTrials; ++i)
    contained += ratio_of_medians(noisy_samples(0.01, base, random), noisy_samples(0.01, other, random)).contains(1);
  return static_cast<double>(contained) / kTrials;
}

TEST(Statistics, QuantilesInterpolateBetweenOrderStatistics) {
  const std::vector<double> values = {4, 1, 3, 2};
  EXPECT_DOUBLE_EQ(median(values), 2.5);
  EXPECT_DOUBLE_EQ(quantile(values, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(values, 1), 4);
  EXPECT_DOUBLE_EQ(median(std::vector<double>{7}), 7);
  EXPECT_THROW(median({}), std::invalid_argument);
}

TEST(Statistics, SpreadIsNotMovedByOneOutlier) {
  const Spread s = spread(std::vector<double>{10, 11, 12, 13, 1000});
  EXPECT_DOUBLE_EQ(s.median, 12);
  EXPECT_DOUBLE_EQ(s.lower_quartile, 11);
  EXPECT_DOUBLE_EQ(s.upper_quartile, 13);
  EXPECT_DOUBLE_EQ(s.mad, 1);
  EXPECT_DOUBLE_EQ(s.relative(), 2.0 / 12);
}

TEST(Statistics, EachProcessCountsOnceInTheMedian) {
  EXPECT_DOUBLE_EQ(median_of_processes({{1, 1, 1, 1, 1, 1, 1}, {2}, {3}}), 2);
}

// Table of critical values of Student's t, NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2.
TEST(Statistics, StudentsTMatchesPublishedTables) {
  EXPECT_NEAR(student_t_quantile(0.975, 1), 12.706, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.975, 2), 4.303, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.975, 4), 2.776, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.975, 30), 2.042, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.995, 10), 3.169, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.975, 1e7), 1.960, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.025, 4), -2.776, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.5, 3), 0, 1e-9);
  // Between whole numbers it lies between them.
  EXPECT_LT(student_t_quantile(0.975, 2.5), student_t_quantile(0.975, 2));
  EXPECT_GT(student_t_quantile(0.975, 2.5), student_t_quantile(0.975, 3));
}

// Independent of this code: with means 0 and 0.2, variances 0.01 and 0.04 of 3 values each, the standard error is
// sqrt(0.05 / 3) = 0.129099, Welch-Satterthwaite's degrees of freedom 2 * 0.05^2 / (0.01^2 + 0.04^2) = 2.941176, and t
// between 3.182 (3 degrees) and 4.303 (2 degrees), close to the former.
TEST(Statistics, IntervalIsWelchsOnLogarithms) {
  const auto process = [](double log) { return std::vector<double>{std::exp(log)}; };
  const Ratio ratio =
      ratio_of_medians({process(-0.1), process(0), process(0.1)}, {process(0), process(0.2), process(0.4)});
  EXPECT_EQ(ratio.unit, Unit::processes);
  EXPECT_NEAR(ratio.estimate, std::exp(0.2), 1e-12);
  EXPECT_NEAR(std::log(ratio.low) + std::log(ratio.high), 0.4, 1e-9);
  const double t = (std::log(ratio.high) - 0.2) / 0.1290994449;
  EXPECT_GT(t, 3.182);
  EXPECT_LT(t, 3.25);
}

// What the interval promises. Treating samples of one process as independent would contain 1 in some 70 %.
TEST(Statistics, IntervalContainsOneInAboutNinetyFivePercentWhereNothingChanged) {
  const Noise equal{.between = 0.03, .within = 0.02, .processes = 3, .samples = 5};
  const double share = coverage(equal, equal);
  EXPECT_GE(share, 0.93);
  EXPECT_LE(share, 0.98);
}

TEST(Statistics, IntervalHoldsWhenOneSideIsNoisier) {
  const Noise calm{.between = 0.01}, noisy{.between = 0.1};
  const double share = coverage(calm, noisy);
  EXPECT_GE(share, 0.93);
  EXPECT_LE(share, 0.98);
}

TEST(Statistics, IntervalHoldsWithOneProcessOnOneSide) {
  const Noise several{.between = 0.03, .processes = 4}, one{.between = 0.03, .processes = 1};
  const double share = coverage(several, one);
  EXPECT_GE(share, 0.93);
  EXPECT_LE(share, 0.98);
}

TEST(Statistics, IntervalOfSamplesHoldsWhereSamplesAreIndependent) {
  const Noise one{.between = 0, .within = 0.05, .processes = 1, .samples = 8};
  const double share = coverage(one, one);
  EXPECT_GE(share, 0.93);
  EXPECT_LE(share, 0.97);
}

TEST(Statistics, UnitSaysWhetherProcessesWereSeen) {
  EXPECT_EQ(ratio_of_medians({{1, 2, 3}}, {{1, 2, 3}}).unit, Unit::samples);
  EXPECT_EQ(ratio_of_medians({{1}, {2}}, {{1, 2, 3}}).unit, Unit::processes);
  EXPECT_EQ(ratio_of_medians({{1}}, {{2}}).unit, Unit::none);
  EXPECT_DOUBLE_EQ(ratio_of_medians({{1}}, {{2}}).estimate, 2);
}

TEST(Statistics, TimesOfZeroHaveNoInterval) {
  EXPECT_FALSE(ratio_of_medians({{0, 0, 1}, {0, 0, 0}}, {{1, 1}, {1, 1}}).has_interval());
  EXPECT_DOUBLE_EQ(ratio_of_medians({{0, 0}}, {{0, 0}}).estimate, 1);
}

TEST(Statistics, EqualSamplesGiveAPoint) {
  const Ratio ratio = ratio_of_medians({{2, 2}, {2, 2}}, {{3, 3}, {3, 3}});
  EXPECT_NEAR(ratio.low, 1.5, 1e-12);
  EXPECT_NEAR(ratio.high, 1.5, 1e-12);
  EXPECT_TRUE(ratio_of_medians({{2}, {2}}, {{2}, {2}}).contains(1));
}

TEST(Statistics, IntervalContainsTheEstimate) {
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 2000; ++i) {
    const Noise heavy{.between = 0.5, .within = 1, .processes = 1 + i % 12, .samples = 1 + i % 7};
    const Ratio ratio = ratio_of_medians(noisy_samples(1, heavy, random), noisy_samples(1, heavy, random));
    ASSERT_TRUE(!ratio.has_interval() || ratio.contains(ratio.estimate)) << "seed " << kSeed << ", trial " << i;
  }
}

TEST(Statistics, GeometricMeanOfRatiosAndTheirInverses) {
  EXPECT_NEAR(geometric_mean(std::vector<double>{0.5, 2, 4, 0.25}), 1, 1e-12);
  EXPECT_THROW(geometric_mean({}), std::invalid_argument);
}

}  // namespace
}  // namespace overtake::compare
