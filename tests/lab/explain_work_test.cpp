// SPDX-License-Identifier: Apache-2.0
// What kitchen and waiting say follows their figures: fed with the opposite, the words change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/lab/made_up.h"

namespace overtake::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Evening {
  double standing_by = 512, one = 250, few = 180, many = 180;  // minutes
  double path = 140, hands = 105, stoves = 46, oven = 145;     // bounds of two cooks
  double late = 0;                                             // what the threads took more than planned
};

MadeUp evening(const Evening& given) {
  constexpr double kMinute = 0.001;  // seconds
  const auto metrics = [&](double planned) {
    KeyValues out;
    out.set("planned_minutes", planned);
    out.set("minute_seconds", kMinute);
    out.set("wanted_minutes", 180.0);
    out.set("critical_path_minutes", given.path);
    out.set("hands_minutes", given.hands);
    out.set("stove_minutes", given.stoves);
    out.set("oven_minutes", given.oven);
    return out;
  };
  const auto seconds = [&](double planned) { return (planned + given.late) * kMinute; };
  return MadeUp()
      .add("one_by_one", 1, seconds(given.standing_by), "", metrics(given.standing_by))
      .add("one_cook", 1, seconds(given.one), "", metrics(given.one))
      .add("cook_a_dish", 9, seconds(given.many), "", metrics(given.many))
      .add("critical_path", 2, seconds(given.few), "", metrics(given.few));
}

TEST(KitchenExplained, SaysWhatHoldsTheDinnerUp) {
  const Explanation oven = explanation_of("kitchen", evening({}));
  ASSERT_EQ(oven.sentences.size(), 3U);
  EXPECT_EQ(oven.answer, 0U);
  EXPECT_THAT(oven.sentences[0], AllOf(HasSubstr("took 512 min"), HasSubstr("took 250 min"),
                                       HasSubstr("only 0.49 times as long as"), HasSubstr("needs no cook beside it")));
  EXPECT_THAT(oven.sentences[1], AllOf(HasSubstr("2 cooks"), HasSubstr("180 min (planned in time)"),
                                       HasSubstr("the 7 more had nothing left to make faster")));
  EXPECT_THAT(oven.sentences[2],
              AllOf(HasSubstr("shorter than 145 min, the work in the oven"), HasSubstr("another oven")));

  EXPECT_THAT(explanation_of("kitchen", evening({.hands = 170})).sentences[2],
              AllOf(HasSubstr("shorter than 170 min, the cooks' work"), HasSubstr("takes another cook"),
                    HasSubstr("took about as long as that")));
  EXPECT_THAT(explanation_of("kitchen", evening({.path = 179})).sentences[2], HasSubstr("shorter steps"));
  EXPECT_THAT(explanation_of("kitchen", evening({.stoves = 179})).sentences[2], HasSubstr("another stove"));
}

TEST(KitchenExplained, FollowsWhoWasFaster) {
  const Explanation many = explanation_of("kitchen", evening({.many = 60}));
  EXPECT_EQ(many.answer, 2U);
  EXPECT_THAT(many.sentences[1], HasSubstr("more hands still help"));
  EXPECT_EQ(explanation_of("kitchen", evening({.many = 120})).answer, 1U);

  const Explanation few = explanation_of("kitchen", evening({.many = 300}));
  EXPECT_EQ(few.answer, 3U);
  EXPECT_THAT(few.sentences[1], AllOf(HasSubstr("300 min (planned too late)"), HasSubstr("worth more than hands")));

  EXPECT_THAT(explanation_of("kitchen", evening({.standing_by = 260})).sentences[0],
              AllOf(HasSubstr("hardly anything to do meanwhile"), Not(HasSubstr("needs no cook"))));
  EXPECT_THAT(explanation_of("kitchen", evening({.standing_by = 100})).sentences[0], HasSubstr("cost time here"));
}

TEST(KitchenExplained, SaysWhereTheThreadsWereLaterThanPlanned) {
  EXPECT_THAT(explanation_of("kitchen", evening({.late = 100})).sentences[1],
              HasSubstr("280 min (planned in time, which the threads did not keep)"));
}

TEST(KitchenExplained, NamesWhatIsMissing) {
  MadeUp incomplete;
  incomplete.add("one_by_one", 1, 0.5);
  EXPECT_THAT(explanation_of("kitchen", incomplete).sentences.at(0), HasSubstr("of one_by_one is not there"));
}

// Seconds of sequential, threads, processes and async where items wait, then where they compute.
MadeUp table(std::array<double, 4> waiting, std::array<double, 4> computing, int cores = 2) {
  MadeUp out(cores);
  KeyValues metrics;
  metrics.set("request_seconds", 0.01);
  const char* const names[] = {"sequential", "threads", "processes", "async"};
  for (std::size_t i = 0; i < 4; ++i) {
    out.add(names[i], i == 0 ? 1 : 10, waiting[i], "work=waiting", metrics);
    out.add(names[i], i == 0 ? 1 : 10, computing[i], "work=computing", metrics);
  }
  return out;
}

TEST(WaitingExplained, GivesTheLoopTheWaitingAndTheCoresTheComputing) {
  const Explanation usual = explanation_of("waiting", table({1, 0.1, 0.5, 0.01}, {1, 0.5, 0.5, 1}));
  ASSERT_EQ(usual.sentences.size(), 3U);
  EXPECT_EQ(usual.answer, 1U);
  EXPECT_THAT(usual.sentences[0], AllOf(HasSubstr("wait 10.0 ms each took 1.00 s one after the other"),
                                        HasSubstr("async 100 times as fast"), HasSubstr("waits overlap")));
  EXPECT_THAT(usual.sentences[1], AllOf(HasSubstr("threads 2.00 times as fast and processes 2.00 times as fast"),
                                        HasSubstr("there are 2 cores here"), Not(HasSubstr("async"))));
  EXPECT_THAT(usual.sentences[2], HasSubstr("saves waiting and no computing"));
  EXPECT_EQ(usual.charts.at(0).title, "100 items that wait 10.0 ms each:");
  EXPECT_EQ(usual.charts.at(1).title, "100 items that compute for 10.0 ms each:");
}

TEST(WaitingExplained, TakesItBackWhereTheFiguresDo) {
  const Explanation none = explanation_of("waiting", table({1, 1, 1, 1}, {1, 1, 1, 1}, 1));
  EXPECT_EQ(none.answer, 0U);
  EXPECT_THAT(none.sentences[0], AllOf(HasSubstr("no other way was faster"), HasSubstr("did not overlap")));
  EXPECT_THAT(none.sentences[1], HasSubstr("with 1 core nothing was won"));
  EXPECT_THAT(none.sentences[2], HasSubstr("a loop won nothing"));

  const Explanation both = explanation_of("waiting", table({1, 1, 1, 0.1}, {1, 1, 1, 0.1}));
  EXPECT_EQ(both.answer, 2U);
  EXPECT_THAT(both.sentences[1], HasSubstr("more than 2 cores can give, so look for what else ran here"));
  EXPECT_THAT(both.sentences[2], HasSubstr("won on both"));

  const Explanation reverse = explanation_of("waiting", table({1, 1, 1, 1}, {1, 1, 1, 0.1}));
  EXPECT_EQ(reverse.answer, 3U);
  EXPECT_THAT(reverse.sentences[2], HasSubstr("the reverse"));
}

}  // namespace
}  // namespace overtake::lab
