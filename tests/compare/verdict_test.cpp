// SPDX-License-Identifier: Apache-2.0
#include "compare/verdict.h"

#include <gtest/gtest.h>

namespace overtake::compare {
namespace {

Verdict judged(double estimate, double low, double high) { return judge({estimate, low, high, Unit::processes}); }

TEST(Verdict, NeedsAnIntervalThatExcludesOneAndAChangeBeyondTheThreshold) {
  EXPECT_EQ(judged(1.10, 1.05, 1.15), Verdict::slower);
  EXPECT_EQ(judged(0.90, 0.85, 0.95), Verdict::faster);
  EXPECT_EQ(judged(1.02, 1.01, 1.03), Verdict::same);
  EXPECT_EQ(judged(0.98, 0.97, 0.99), Verdict::same);
  EXPECT_EQ(judged(1.04, 0.99, 1.09), Verdict::same);
}

TEST(Verdict, SameNeedsAnIntervalThatExcludesALargeChange) {
  EXPECT_EQ(judged(1.00, 0.95, 1.05), Verdict::same);
  EXPECT_EQ(judged(1.00, 0.80, 1.05), Verdict::undecided);
  EXPECT_EQ(judged(1.05, 0.95, 1.16), Verdict::undecided);
}

TEST(Verdict, WithoutAnIntervalNothingIsDecided) { EXPECT_EQ(judge({3.0, 0, 0, Unit::none}), Verdict::undecided); }

TEST(Verdict, LimitsCanBeChosen) {
  const Ratio ratio{1.04, 1.02, 1.06, Unit::processes};
  EXPECT_EQ(judge(ratio, {.threshold = 0.05}), Verdict::same);
  EXPECT_EQ(judge(ratio, {.threshold = 0}), Verdict::slower);
}

TEST(Verdict, StatusesAreThoseOfTheCommand) {
  EXPECT_EQ(status_of(Verdict::slower), Status::failure);
  EXPECT_EQ(status_of(Verdict::faster), Status::good);
  EXPECT_EQ(status_of(Verdict::same), Status::good);
  EXPECT_EQ(status_of(Verdict::undecided), Status::undecided);
  EXPECT_EQ(status_of(Verdict::machine_changed), Status::undecided);
  EXPECT_EQ(status_of(Verdict::missing), Status::missing);
  EXPECT_EQ(status_of(Verdict::not_comparable), Status::not_comparable);
}

}  // namespace
}  // namespace overtake::compare
