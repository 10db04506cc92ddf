// SPDX-License-Identifier: Apache-2.0
#include "compare/crossing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace overtake::compare {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

CurvePoint at(double x, double y, double half_width) { return {x, y, y - half_width, y + half_width}; }

TEST(Crossing, StraightLineCrossesWithinItsBand) {
  const auto found = uncertain_stretches(
      std::vector{at(0, -3, 0.3), at(1, -2, 0.3), at(2, -1, 0.3), at(3, 0, 0.3), at(4, 1, 0.3), at(5, 2, 0.3)});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].is_crossing());
  EXPECT_EQ(found[0].before, -1);
  EXPECT_EQ(found[0].after, 1);
  EXPECT_NEAR(found[0].low, 2.7, 1e-9);
  EXPECT_NEAR(found[0].high, 3.3, 1e-9);
  EXPECT_THAT(found[0].zeros, testing::ElementsAre(3));
}

TEST(Crossing, NoPointsAndOnePointAreNoErrors) {
  EXPECT_TRUE(uncertain_stretches({}).empty());
  EXPECT_TRUE(uncertain_stretches(std::vector{at(2, 1, 0.5)}).empty());
  const auto found = uncertain_stretches(std::vector{at(2, 1, 1.5)});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].low, 2);
  EXPECT_FALSE(found[0].is_crossing());
}

TEST(Crossing, TwoPointsSayOnlyThatItLiesBetween) {
  const auto found = uncertain_stretches(std::vector{at(1, 1, 0.1), at(3, -1, 0.1)});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].is_crossing());
  EXPECT_NEAR(found[0].low, 1, 1e-9);
  EXPECT_NEAR(found[0].high, 3, 1e-9);
  ASSERT_EQ(found[0].zeros.size(), 1U);
  EXPECT_NEAR(found[0].zeros[0], 2, 1e-9);
}

TEST(Crossing, CurvesThatBendOneWayCrossWithinTheirBoundsWithoutNoise) {
  // exp(-x) - c for c such that it crosses anywhere within the inner bracket, and its mirror images.
  for (int i = 1; i < 40; ++i)
    for (const int sign : {-1, 1})
      for (const int direction : {-1, 1}) {
        const double zero = 1 + i / 40.0;
        std::vector<CurvePoint> points;
        for (const double x : {0.0, 1.0, 2.0, 3.0}) {
          const double place = direction > 0 ? x : 3 - x;
          points.push_back(at(x, sign * (std::exp(-place) - std::exp(-zero)), 0));
        }
        const auto found = uncertain_stretches(points);
        const double expected = direction > 0 ? zero : 3 - zero;
        ASSERT_EQ(found.size(), 1U) << zero;
        EXPECT_TRUE(found[0].is_crossing());
        EXPECT_LE(found[0].low, expected);
        EXPECT_GE(found[0].high, expected);
        EXPECT_LT(found[0].high - found[0].low, 0.5) << "half of the bracket";
        ASSERT_EQ(found[0].zeros.size(), 1U);
        EXPECT_NEAR(found[0].zeros[0], expected, 0.1);
      }
}

TEST(Crossing, EveryOneOfSeveralIsFound) {
  const auto found = uncertain_stretches(std::vector{at(0, 1, 0.1), at(1, -1, 0.1), at(2, -1, 0.1), at(3, 1, 0.1)});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].before, 1);
  EXPECT_EQ(found[0].after, -1);
  EXPECT_EQ(found[1].before, -1);
  EXPECT_EQ(found[1].after, 1);
  EXPECT_LT(found[0].high, 1 + 1e-9);
  EXPECT_GT(found[1].low, 2 - 1e-9);
}

TEST(Crossing, WhereTheSignIsSureThereIsNone) {
  EXPECT_TRUE(uncertain_stretches(std::vector{at(0, 1, 0.5), at(1, 2, 0.5), at(2, 0.6, 0.5)}).empty());
}

TEST(Crossing, UnsureEndsAreNoCrossings) {
  const auto found = uncertain_stretches(std::vector{at(0, 0.1, 0.5), at(1, 1, 0.5), at(2, 1, 0.5), at(3, -0.1, 0.5)});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].low, 0);
  EXPECT_EQ(found[0].before, 0);
  EXPECT_EQ(found[0].after, 1);
  EXPECT_TRUE(found[0].zeros.empty());
  EXPECT_EQ(found[1].high, 3);
  EXPECT_EQ(found[1].after, 0);
  EXPECT_EQ(found[1].zeros.size(), 1U);
}

TEST(Crossing, PointsWithoutIntervalLeaveTheirBracketsOpen) {
  const auto found = uncertain_stretches(
      std::vector{at(0, 1, 0.1), at(1, 1, 0.1), {2, 1, -kInfinity, kInfinity}, at(3, 1, 0.1), at(4, 1, 0.1)});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].low, 1, 1e-9);
  EXPECT_NEAR(found[0].high, 3, 1e-9);
  EXPECT_EQ(found[0].before, 1);
  EXPECT_EQ(found[0].after, 1);
}

TEST(Crossing, APointAtZeroIsACrossingOnce) {
  const auto found = uncertain_stretches(std::vector{at(0, 1, 0), at(1, 0, 0), at(2, -1, 0)});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].is_crossing());
  EXPECT_NEAR(found[0].low, 1, 1e-9);
  EXPECT_NEAR(found[0].high, 1, 1e-9);
  EXPECT_THAT(found[0].zeros, testing::ElementsAre(1));
}

}  // namespace
}  // namespace overtake::compare
