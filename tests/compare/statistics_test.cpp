// SPDX-License-Identifier: Apache-2.0
#include "compare/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

#include "compare/mann_whitney.h"
#include "tests/compare/example_run.h"

namespace overtake::compare {
namespace {

constexpr std::uint64_t kStatisticsSeed = 20261121;
constexpr int kTrials = 4000;

/// Share of `kTrials` pairs of equal cells whose 95 % interval contains 1.
double coverage(const Noise& base, const Noise& other) {
  SCOPED_TRACE("seed " + std::to_string(kStatisticsSeed));
  std::mt19937_64 random(kStatisticsSeed);
  int contained = 0;
  for (int i = 0; i < kTrials; ++i)
    contained +=
        hodges_lehmann_ratio(noisy_samples(0.01, base, random), noisy_samples(0.01, other, random)).contains(1);
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

// What the interval promises. Treating samples of one process as independent would contain 1 in some 70 %.
TEST(Statistics, IntervalContainsOneInAboutNinetyFivePercentWhereNothingChanged) {
  const Noise equal{.between = 0.03, .within = 0.02, .processes = 9, .samples = 5};
  const double share = coverage(equal, equal);
  EXPECT_GE(share, 0.94);
  EXPECT_LE(share, 0.98);
}

TEST(Statistics, IntervalHoldsForUnequalNumbers) {
  const Noise many{.between = 0.03, .processes = 12}, few{.between = 0.03, .processes = 5};
  const double share = coverage(many, few);
  EXPECT_GE(share, 0.94);
  EXPECT_LE(share, 0.98);
}

TEST(Statistics, IntervalOfSamplesHoldsWhereSamplesAreIndependent) {
  const Noise one{.between = 0, .within = 0.05, .processes = 1, .samples = 8};
  const double share = coverage(one, one);
  EXPECT_GE(share, 0.93);
  EXPECT_LE(share, 0.97);
}

TEST(Statistics, UnitSaysWhetherProcessesWereSeen) {
  EXPECT_EQ(hodges_lehmann_ratio({{1, 2, 3}}, {{1, 2, 3}}).unit, Unit::samples);
  EXPECT_EQ(hodges_lehmann_ratio({{1}, {2}}, {{1, 2, 3}}).unit, Unit::processes);
  EXPECT_FALSE(hodges_lehmann_ratio({{1}}, {{2}}).has_interval);
  EXPECT_DOUBLE_EQ(hodges_lehmann_ratio({{1}}, {{2}}).estimate, 2);
}

TEST(Statistics, TimesOfZeroHaveNoInterval) {
  EXPECT_EQ(hodges_lehmann_ratio({{0, 0, 1}, {0, 0, 0}}, {{1, 1}, {1, 1}}).unit, Unit::none);
  EXPECT_DOUBLE_EQ(hodges_lehmann_ratio({{0, 0}}, {{0, 0}}).estimate, 1);
}

TEST(Statistics, IntervalContainsTheEstimateAndTurnsRound) {
  std::mt19937_64 random(kStatisticsSeed);
  for (int i = 0; i < 500; ++i) {
    const Noise heavy{.between = 0.5, .within = 1, .processes = 1 + i % 12, .samples = 1 + i % 7};
    const Processes a = noisy_samples(1, heavy, random), b = noisy_samples(1, heavy, random);
    const Ratio ratio = hodges_lehmann_ratio(a, b), back = hodges_lehmann_ratio(b, a).inverse();
    ASSERT_TRUE(!ratio.has_interval || ratio.contains(ratio.estimate)) << "seed " << kStatisticsSeed << ", trial " << i;
    ASSERT_NEAR(std::log(ratio.estimate), std::log(back.estimate), 1e-12);
    ASSERT_NEAR(ratio.p, back.p, 1e-12);
    if (!ratio.has_interval) continue;
    ASSERT_NEAR(std::log(ratio.low), std::log(back.low), 1e-12);
  }
}

// scipy.stats.mannwhitneyu(x, y, method="exact") and the 17th of the 100 sorted differences, by hand.
TEST(Statistics, ShiftAgreesWithPublishedTables) {
  // Hollander, Wolfe and Chicken, table of U: for 10 and 10 values P(U <= 23) = 0.0216 is the largest below 0.025.
  EXPECT_NEAR(mann_whitney_cdf(10, 10, 23), 0.0216, 5e-5);
  EXPECT_GT(mann_whitney_cdf(10, 10, 24), 0.025);
  EXPECT_NEAR(mann_whitney_cdf(3, 3, 0), 0.05, 1e-12);
  EXPECT_NEAR(smallest_p(9, 9), 2.0 / 48620, 1e-12);
  EXPECT_NEAR(mann_whitney_cdf(50, 50, 1250), 0.5, 0.01);
  const Shift shift = hodges_lehmann({1, 2, 3, 4}, {11, 12, 13, 14}, 0.95);
  EXPECT_DOUBLE_EQ(shift.estimate, 10);
  EXPECT_NEAR(shift.p, 2.0 / 70, 1e-12);
  EXPECT_DOUBLE_EQ(shift.low, 7);
  EXPECT_DOUBLE_EQ(shift.high, 13);
  EXPECT_FALSE(hodges_lehmann({1, 2, 3}, {11, 12, 13}, 0.95).has_interval);
}

TEST(Statistics, IntervalExcludesNoChangeExactlyWherePIsSmall) {
  std::mt19937_64 random(kStatisticsSeed);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 2000; ++i) {
    std::vector<double> a(4 + i % 60), b(4 + i % 57);
    for (double& x : a) x = normal(random);
    for (double& x : b) x = normal(random) + 0.3;
    const Shift shift = hodges_lehmann(a, b, 0.95);
    ASSERT_TRUE(shift.has_interval);
    ASSERT_EQ(shift.p <= 0.05, shift.low > 0 || shift.high < 0)
        << "seed " << kStatisticsSeed << ", trial " << i << ": p " << shift.p << ", " << shift.low << " to "
        << shift.high;
  }
}

TEST(Statistics, ManyDifferencesAreCountedAsIfTheyWereSorted) {
  std::mt19937_64 random(kStatisticsSeed);
  std::normal_distribution<double> normal;
  std::vector<double> a(301), b(300), differences;
  for (double& x : a) x = std::round(20 * normal(random)) / 20;  // with ties
  for (double& x : b) x = std::round(20 * normal(random)) / 20;
  for (const double x : a)
    for (const double y : b) differences.push_back(y - x);
  EXPECT_EQ(hodges_lehmann(a, b, 0.95).estimate, median(differences));
}

// Holm's own rule on the example of Wright, "Adjusted p-values for simultaneous inference", Biometrics 48, 1992.
TEST(Statistics, HolmMultipliesByWhatIsLeftAndNeverFalls) {
  const std::vector<double> p = {0.04, 0.01, 0.03, 0.005};
  const std::vector<double> expected = {0.06, 0.03, 0.06, 0.02};
  const auto corrected = holm(p);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(corrected[i], expected[i], 1e-12);
  EXPECT_TRUE(holm({}).empty());
}

TEST(Statistics, MeanRatioCoversAPlantedChangeInAboutNinetyFivePercent) {
  SCOPED_TRACE("seed " + std::to_string(kStatisticsSeed));
  std::mt19937_64 random(kStatisticsSeed);
  int covered = 0;
  constexpr int kMeans = 300;
  for (int i = 0; i < kMeans; ++i) {
    // Rows timed in one process share its moment.
    std::normal_distribution<double> normal;
    std::vector<Processes> base(6), other(6);
    for (int p = 0; p < 9; ++p) {
      const double a = std::exp(0.02 * normal(random)), b = 1.1 * std::exp(0.02 * normal(random));
      for (std::size_t r = 0; r < base.size(); ++r) {
        base[r].push_back({a * std::exp(0.01 * normal(random))});
        other[r].push_back({b * std::exp(0.01 * normal(random))});
      }
    }
    std::vector<Pair> pairs;
    for (std::size_t r = 0; r < base.size(); ++r)
      pairs.push_back({&base[r], &other[r], hodges_lehmann_ratio(base[r], other[r])});
    const MeanRatio mean = mean_ratio(pairs);
    covered += mean.low <= 1.1 && 1.1 <= mean.high;
  }
  EXPECT_GE(covered, 0.90 * kMeans);
  EXPECT_LE(covered, 0.99 * kMeans);
}

TEST(Statistics, GeometricMeanOfRatiosAndTheirInverses) {
  EXPECT_NEAR(geometric_mean(std::vector<double>{0.5, 2, 4, 0.25}), 1, 1e-12);
  EXPECT_THROW(geometric_mean({}), std::invalid_argument);
}

}  // namespace
}  // namespace overtake::compare
