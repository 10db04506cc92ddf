// SPDX-License-Identifier: Apache-2.0
#include "compare/verdict.h"

#include <gtest/gtest.h>

namespace overtake::compare {
namespace {

Question asked(double estimate, double low, double high, double p) {
  return {.ratio = {.estimate = estimate,
                    .low = low,
                    .high = high,
                    .unit = Unit::processes,
                    .has_interval = true,
                    .p = p,
                    .base_units = 9,
                    .other_units = 9},
          .corrected_p = p};
}
Verdict judged(double estimate, double low, double high, double p) {
  return judge(asked(estimate, low, high, p), 1).verdict;
}

TEST(Verdict, NeedsASmallPAndAChangeBeyondTheThreshold) {
  EXPECT_EQ(judged(1.10, 1.05, 1.15, 0.001), Verdict::slower);
  EXPECT_EQ(judged(0.90, 0.85, 0.95, 0.001), Verdict::faster);
  EXPECT_EQ(judged(1.10, 1.01, 1.19, 0.051), Verdict::undecided);
  EXPECT_EQ(judged(1.02, 1.005, 1.035, 0.001), Verdict::same);
}

TEST(Verdict, SameNeedsAnIntervalWithinTheMargin) {
  EXPECT_EQ(judged(1.00, 0.98, 1.02, 1), Verdict::same);
  EXPECT_EQ(judged(1.00, 0.95, 1.05, 1), Verdict::undecided);
  EXPECT_EQ(judged(1.00, 0.975, 1.04, 1), Verdict::undecided);
}

TEST(Verdict, TheNoiseFloorIsAMarginToo) {
  Question question = asked(1.06, 1.04, 1.08, 0.0001);
  EXPECT_EQ(judge(question, 1).verdict, Verdict::slower);
  question.noise_floor = 0.08;
  EXPECT_EQ(judge(question, 1).verdict, Verdict::same);
}

TEST(Verdict, WithoutAnyStatementNothingIsDecidedAndNoNumberWould) {
  const Answer answer = judge({.ratio = {.estimate = 3, .unit = Unit::none}}, 1);
  EXPECT_EQ(answer.verdict, Verdict::undecided);
  EXPECT_EQ(answer.more_units, std::nullopt);
}

TEST(Verdict, MoreRowsNeedMoreUnits) {
  // Four a side reach p = 2/70, seven 2/3432: enough for 60 rows.
  Question few{.ratio = {.estimate = 2, .unit = Unit::processes, .p = 0.1, .base_units = 3, .other_units = 3}};
  EXPECT_EQ(judge(few, 1).more_units, 1U);
  EXPECT_EQ(judge(few, 60).more_units, 4U);
  // Half as large a change takes four times as many, roughly.
  const auto large = judge(asked(1.10, 0.90, 1.34, 0.3), 1).more_units,
             small = judge(asked(1.05, 0.86, 1.28, 0.6), 1).more_units;
  ASSERT_TRUE(large && small);
  EXPECT_GT(*small, 3 * *large);
}

TEST(Verdict, CorrectionIsOverAllQuestionsTogether) {
  std::vector<Question> questions(60, asked(1.10, 1.01, 1.2, 0.01));
  for (const Answer& answer : judge_together(questions)) EXPECT_EQ(answer.verdict, Verdict::undecided);
  EXPECT_NEAR(questions[0].corrected_p, 0.6, 1e-12);
  std::vector<Question> single(1, asked(1.10, 1.01, 1.2, 0.01));
  EXPECT_EQ(judge_together(single)[0].verdict, Verdict::slower);
}

TEST(Verdict, ThresholdsArePercentOrFractions) {
  EXPECT_DOUBLE_EQ(parse_threshold("3%"), 0.03);
  EXPECT_DOUBLE_EQ(parse_threshold("0.05"), 0.05);
  EXPECT_DOUBLE_EQ(parse_threshold("0"), 0);
  for (const char* wrong : {"", "%", "-1%", "nan", "three", "1e999", "1001%"})
    EXPECT_THROW(parse_threshold(wrong), UsageError) << wrong;
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
