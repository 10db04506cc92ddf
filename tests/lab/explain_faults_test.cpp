// SPDX-License-Identifier: Apache-2.0
// What race, deadlock and starvation say follows their figures, also where nothing went wrong or a fix did.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/lab/made_up.h"

namespace overtake::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Runs of two threads that lost so many of 2,000,000 updates.
MadeUp losses(const std::vector<int>& lost, int lost_by_the_fix = 0, int cores = 2) {
  MadeUp figures(cores);
  figures.add("unprotected", 1, 1e-3);
  for (const int count : lost) {
    const KeyValues metrics = {{"lost_updates", std::to_string(count)}};
    if (count == 0)
      figures.add("unprotected", 2, 2e-3, "", metrics);
    else
      figures.add_bad("unprotected", 2, RowStatus::wrong, metrics);
  }
  figures.add("atomic", 2, 10e-3, "", {{"lost_updates", std::to_string(lost_by_the_fix)}});
  figures.add("mutex", 2, 50e-3, "", {{"lost_updates", "0"}});
  return figures;
}

TEST(RaceExplained, CountsWhatWasLost) {
  const auto often = explanation_of("race", losses({800000, 900000, 1000000}));
  ASSERT_EQ(often.sentences.size(), 3U);
  EXPECT_EQ(often.answer, 3U);
  EXPECT_THAT(often.sentences[0], AllOf(HasSubstr("3 of 3 runs"), HasSubstr("45 %"), HasSubstr("at most 50 %")));
  EXPECT_THAT(often.sentences[1], AllOf(HasSubstr("10.0 times as long"), HasSubstr("50.0 times as long")));
  EXPECT_THAT(often.sentences[2], AllOf(HasSubstr("every time"), HasSubstr("ThreadSanitizer")));

  const auto rarely = explanation_of("race", losses({100, 0, 200}));
  EXPECT_EQ(rarely.answer, 0U);
  EXPECT_THAT(rarely.sentences[0], HasSubstr("and the others none"));
  EXPECT_THAT(rarely.sentences[2], AllOf(HasSubstr("would have passed in 3 of 5 runs"), Not(HasSubstr("every time"))));
  EXPECT_EQ(explanation_of("race", losses({2000, 3000})).answer, 1U);
  EXPECT_EQ(explanation_of("race", losses({200000, 200000})).answer, 2U);
  EXPECT_THAT(explanation_of("race", losses({200000, 200000})).sentences[0], HasSubstr("Each of 2 runs lost 10 %"));
}

TEST(RaceExplained, DoesNotClaimALossThatDidNotHappen) {
  const auto never = explanation_of("race", losses({0}));
  EXPECT_EQ(never.answer, 0U);
  EXPECT_THAT(never.sentences[0], AllOf(HasSubstr("In none of 3 runs"), HasSubstr("luck")));
  EXPECT_THAT(explanation_of("race", losses({0}, 0, 1)).sentences[0], HasSubstr("on one core"));
  EXPECT_THAT(explanation_of("race", losses({5}, 7)).sentences[1], HasSubstr("must not be"));
}

MadeUp transfers(const std::vector<int>& until, std::size_t good_runs) {
  MadeUp figures;
  figures.add("one_order", 2, 10e-3).add("both_at_once", 2, 20e-3);
  for (const int count : until)
    figures.add_bad("two_orders", 2, RowStatus::failed, {{"transfers_until_deadlock", std::to_string(count)}});
  for (std::size_t i = 0; i < good_runs; ++i) figures.add("two_orders", 2, 10e-3);
  return figures;
}

TEST(DeadlockExplained, SaysWhenItCameAndWhenItDidNot) {
  const auto stuck = explanation_of("deadlock", transfers({10, 20, 40}, 0));
  ASSERT_EQ(stuck.sentences.size(), 3U);
  EXPECT_EQ(stuck.answer, 0U);
  EXPECT_THAT(stuck.sentences[0], AllOf(HasSubstr("3 of 3 runs"), HasSubstr("10 to 40 of 100,000")));
  EXPECT_THAT(stuck.sentences[1], AllOf(HasSubstr("none of 6 runs"), HasSubstr("2.00 times as long as in one order")));
  EXPECT_THAT(stuck.sentences[2],
              HasSubstr("test of 20 transfers would have passed in 1 of 3 runs (one deadlock took 40)"));
  EXPECT_THAT(explanation_of("deadlock", transfers({10, 20}, 1)).sentences[2],
              HasSubstr("test of 15 transfers would have passed in 4 of 5 runs"));
  EXPECT_THAT(explanation_of("deadlock", transfers({10}, 0)).sentences[2],
              AllOf(HasSubstr("No run came past 10 transfers"), Not(HasSubstr("one deadlock"))));

  const auto late = explanation_of("deadlock", transfers({20000, 30000}, 0));
  EXPECT_EQ(late.answer, 2U);
  const auto never = explanation_of("deadlock", transfers({}, 1));
  EXPECT_EQ(never.answer, 3U);
  EXPECT_THAT(never.sentences[0], HasSubstr("In none of 3 runs"));
  EXPECT_THAT(never.sentences[2], HasSubstr("prove nothing"));
  MadeUp broken_fix = transfers({10}, 0);
  broken_fix.add_bad("one_order", 2, RowStatus::failed, {});
  EXPECT_THAT(explanation_of("deadlock", broken_fix).sentences[1], HasSubstr("must not be"));
}

KeyValues fairness(int streak, double least) {
  KeyValues metrics = {{"longest_streak", std::to_string(streak)}};
  metrics.set("least_share", least);
  metrics.set("largest_share", 1 - least);
  return metrics;
}

MadeUp turns(const KeyValues& quickest, const KeyValues& ticket, double seconds_of_ticket, int cores = 2,
             int streak_of_mutex = 20) {
  return MadeUp(cores)
      .add("test_and_set", 2, 100e-9, "", quickest)
      .add("ticket", 2, seconds_of_ticket, "", ticket)
      .add("mutex", 2, 200e-9, "", fairness(streak_of_mutex, 0.45));
}

TEST(StarvationExplained, TellsStarvingFromSharing) {
  const auto starved = explanation_of("starvation", turns(fairness(50000, 0.1), fairness(2, 0.5), 400e-9));
  ASSERT_EQ(starved.sentences.size(), 3U);
  EXPECT_EQ(starved.answer, 3U);
  EXPECT_THAT(starved.sentences[0], AllOf(HasSubstr("50,000 times in a row"), HasSubstr("starved")));
  EXPECT_THAT(starved.sentences[1], AllOf(HasSubstr("first was served first"), HasSubstr("mutex was about fair")));
  EXPECT_THAT(starved.sentences[2], AllOf(HasSubstr("4.00 times as long"), HasSubstr("fairness is paid for")));

  const auto fair = explanation_of("starvation", turns(fairness(2, 0.5), fairness(2, 0.5), 50e-9));
  EXPECT_EQ(fair.answer, 0U);
  EXPECT_THAT(fair.sentences[0], AllOf(HasSubstr("about fair"), Not(HasSubstr("starved"))));
  EXPECT_THAT(fair.sentences[1], HasSubstr("the quickest was no worse here"));
  EXPECT_THAT(fair.sentences[2], HasSubstr("even the faster way"));

  const auto waits = explanation_of("starvation", turns(fairness(5000, 0.5), fairness(2, 0.5), 100e-9, 1));
  EXPECT_EQ(waits.answer, 2U);
  EXPECT_THAT(waits.sentences[0], HasSubstr("long waits"));
  EXPECT_THAT(waits.sentences[2], HasSubstr("cost nothing"));

  const auto less = explanation_of("starvation", turns(fairness(50, 0.3), fairness(20, 0.5), 400e-9, 1, 5000));
  EXPECT_EQ(less.answer, 1U);
  EXPECT_THAT(less.sentences[0], AllOf(HasSubstr("clearly less than its half"), Not(HasSubstr("starved"))));
  EXPECT_THAT(less.sentences[1], AllOf(HasSubstr("fairer, but not served in turn"), HasSubstr("not fair either")));
  EXPECT_THAT(less.sentences[2], HasSubstr("on one core every change of hands"));
  EXPECT_THAT(explanation_of("starvation", turns(fairness(2, 0.5), fairness(20, 0.5), 400e-9, 2, 5000)).sentences[1],
              HasSubstr("no better here"));
  EXPECT_THAT(explanation_of("starvation", turns(fairness(50000, 0.1), fairness(1, 0.5), 400e-9, 2, 5000)).sentences[1],
              AllOf(HasSubstr("never twice in a row"), HasSubstr("mutex was not fair (up")));
}

}  // namespace
}  // namespace overtake::lab
