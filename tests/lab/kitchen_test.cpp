// SPDX-License-Identifier: Apache-2.0
// The kitchen's plans and what its threads really did: never a broken dependency or limit, never better than a bound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "lab/kitchen/schedule.h"

namespace overtake::lab {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double kShortMinute = 2e-5;  // seconds

// Any dinner: steps wait for earlier ones only, so that none waits for itself.
Dinner any_dinner(std::size_t most_steps) {
  Dinner dinner{.cooks = *rc::gen::inRange(1, 5), .stoves = *rc::gen::inRange(1, 4), .ovens = *rc::gen::inRange(1, 3)};
  const auto dishes = *rc::gen::inRange<std::size_t>(1, 6), steps = *rc::gen::inRange<std::size_t>(0, most_steps + 1);
  for (std::size_t i = 0; i < dishes; ++i) dinner.dishes.push_back({static_cast<char>('A' + i), "dish"});
  for (std::size_t i = 0; i < steps; ++i) {
    Step step{.dish = *rc::gen::inRange<std::size_t>(0, dishes),
              .name = std::to_string(i),
              .minutes = static_cast<double>(*rc::gen::inRange(0, 60)) / 4,
              .hands = *rc::gen::arbitrary<bool>(),
              .place = *rc::gen::element(Place::anywhere, Place::stove, Place::oven),
              .after = {}};
    for (std::size_t earlier = 0; earlier < i; ++earlier)
      if (*rc::gen::inRange(0, 4) == 0) step.after.push_back(earlier);
    dinner.steps.push_back(std::move(step));
  }
  return dinner;
}

// Three steps of two dishes: the second waits for the first, the third for nobody.
Dinner small_dinner() {
  return {.dishes = {{'A', "apples"}, {'B', "bread"}},
          .steps = {{0, "peel", 10, true, Place::anywhere, {}},
                    {0, "stew", 20, false, Place::stove, {0}},
                    {1, "bake", 20, false, Place::oven, {}}},
          .cooks = 1,
          .stoves = 1,
          .ovens = 1,
          .wanted = 30};
}

std::string refusal(const Dinner& dinner) {
  try {
    require_cookable(dinner);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(Kitchen, PlansOfAnyDinnerBreakNoLimitAndBeatNoBound) {
  EXPECT_TRUE(rc::check("planned", [] {
    const Dinner dinner = any_dinner(25);
    for (const Rule rule : kRules) {
      const Schedule schedule = planned(dinner, rule);
      RC_ASSERT(faults_of(dinner, schedule) == std::vector<std::string>{});
      RC_ASSERT(schedule.minutes() >= bounds_of(dinner, schedule.cooks).longest() - 1e-6);
      RC_ASSERT(schedule.cooks == cooks_of(dinner, rule));
    }
  }));
}

TEST(Kitchen, WhatThreadsCookedOfAnyDinnerBreaksNoLimitAndBeatsNoBound) {
  EXPECT_TRUE(rc::check("cooked", [] {
    const Dinner dinner = any_dinner(10);
    for (const Rule rule : kRules) {
      const Schedule schedule = cooked(dinner, rule, kShortMinute);
      RC_ASSERT(faults_of(dinner, schedule) == std::vector<std::string>{});
      RC_ASSERT(schedule.minutes() >= bounds_of(dinner, schedule.cooks).longest() - 1e-6);
    }
  }));
}

TEST(Kitchen, OneByOneTakesAsLongAsAllStepsTogether) {
  EXPECT_TRUE(rc::check("one by one", [] {
    const Dinner dinner = any_dinner(25);
    double sum = 0;
    for (const Step& step : dinner.steps) sum += step.minutes;
    RC_ASSERT(std::abs(planned(dinner, Rule::one_by_one).minutes() - sum) < 1e-6);
  }));
}

TEST(Kitchen, ServesTenInThreeHoursWithTwoCooksButNotWithOne) {
  const Dinner dinner = dinner_for_ten();
  EXPECT_EQ(dinner.cooks, 2);
  EXPECT_LE(planned(dinner, Rule::critical_path).minutes(), dinner.wanted);
  EXPECT_GT(planned(dinner, Rule::one_cook).minutes(), dinner.wanted);
  const Schedule really = cooked(dinner, Rule::critical_path, kShortMinute);
  EXPECT_THAT(faults_of(dinner, really), IsEmpty());
  EXPECT_GE(really.minutes(), bounds_of(dinner, 2).longest());
}

TEST(Kitchen, BoundsAreTheLongestChainAndTheWorkOverWhatDoesIt) {
  const Dinner dinner = dinner_for_ten();
  const Bounds two = bounds_of(dinner, 2), ten = bounds_of(dinner, 10);
  EXPECT_EQ(two.critical_path, 15 + 90 + 15 + 10 + 10) << "season, roast, rest, carve, serve";
  EXPECT_EQ(two.hands, 5 * ten.hands);
  EXPECT_EQ(two.places[static_cast<std::size_t>(Place::oven)], 90 + 35 + 20);
  EXPECT_EQ(two.places[static_cast<std::size_t>(Place::stove)], (15 + 25 + 40 + 12) / 2.0);
  EXPECT_EQ(two.longest(), 145);
  EXPECT_EQ(tails(small_dinner()), (std::vector<double>{30, 20, 20}));
}

TEST(Kitchen, FindsEveryKindOfFault) {
  const Dinner dinner = small_dinner();
  const Schedule good = planned(dinner, Rule::critical_path);
  ASSERT_THAT(faults_of(dinner, good), IsEmpty());
  const auto faults = [&](const std::function<void(Schedule&)>& spoil) {
    Schedule bad = good;
    spoil(bad);
    return faults_of(dinner, bad);
  };
  EXPECT_THAT(faults([](Schedule& bad) { bad.steps[1].start = 9; }), Contains("'stew' began before 'peel' had ended"));
  EXPECT_THAT(faults([](Schedule& bad) { bad.steps[2].end -= 1; }), Contains("'bake' was too short"));
  EXPECT_THAT(faults([](Schedule& bad) { bad.steps[2].start = -1; }), Contains("'bake' began before all"));
  EXPECT_THAT(faults([](Schedule& bad) { bad.steps[0].what.cook = kNobody; }), Contains("'peel' had no cook"));
  EXPECT_THAT(faults([](Schedule& bad) { bad.steps[0].what.cook = 1; }), Contains("'peel' had no cook"));
  EXPECT_THAT(faults([](Schedule& bad) { bad.steps[2].what.unit = kNobody; }), Contains("'bake' had no place"));
  EXPECT_THAT(faults([](Schedule& bad) { bad.steps[2].what.unit = 1; }), Contains("'bake' had no place"));
  EXPECT_THAT(faults([](Schedule& bad) { bad.steps[2].what.step = 0; }), Contains("'bake' is not where it belongs"));
  EXPECT_THAT(faults([](Schedule& bad) { bad.steps.pop_back(); }), Contains("not every step was cooked"));
  EXPECT_THAT(faults([](Schedule& bad) { bad.steps[1].end = bad.steps[1].start; }),
              Contains(HasSubstr("the bound of")));
}

TEST(Kitchen, FindsACookOrAnOvenAtTwoStepsAtOnce) {
  Dinner dinner = small_dinner();
  dinner.steps[1] = {0, "fry", 20, true, Place::oven, {}};
  Schedule schedule{.cooks = 1, .steps = {{{0, 0, kNobody}, 0, 10}, {{1, 0, 0}, 5, 25}, {{2, kNobody, 0}, 24, 44}}};
  EXPECT_THAT(faults_of(dinner, schedule),
              ::testing::ElementsAre("cook 1 is at 'peel' and 'fry' at once", "oven 1 is at 'fry' and 'bake' at once"));
}

TEST(Kitchen, RefusesWhatCannotBeCooked) {
  const auto with = [](const std::function<void(Dinner&)>& spoil) {
    Dinner dinner = small_dinner();
    spoil(dinner);
    return refusal(dinner);
  };
  EXPECT_EQ(with([](Dinner&) {}), "");
  EXPECT_THAT(with([](Dinner& dinner) { dinner.steps[0].after = {1}; }), HasSubstr("'peel' waits for itself"));
  EXPECT_THAT(with([](Dinner& dinner) { dinner.steps[0].after = {3}; }),
              HasSubstr("waits for a step that is not there"));
  EXPECT_THAT(with([](Dinner& dinner) { dinner.ovens = 0; }), HasSubstr("'bake' needs a stove or an oven"));
  EXPECT_THAT(with([](Dinner& dinner) { dinner.cooks = 0; }), HasSubstr("at least one cook"));
  EXPECT_THAT(with([](Dinner& dinner) { dinner.steps[2].dish = 2; }), HasSubstr("'bake' is of no dish"));
  for (const double minutes : {-1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THAT(with([=](Dinner& dinner) { dinner.steps[1].minutes = minutes; }), HasSubstr("'stew' must take"));
  Dinner nothing;
  EXPECT_EQ(planned(nothing, Rule::one_cook).minutes(), 0);
  EXPECT_EQ(cooked(nothing, Rule::critical_path, kShortMinute).minutes(), 0);
}

TEST(Kitchen, DrawsWhoIsAtWhatAndWhen) {
  const Dinner dinner = small_dinner();
  EXPECT_EQ(gantt(dinner, planned(dinner, Rule::critical_path), 40, 29),
            "minute   |0             |30\n"
            "cook     AAAAA...............\n"
            "stove    .....AAAAAAAAAA.....\n"
            "oven     BBBBBBBBBB..........\n");
  EXPECT_EQ(gantt(dinner, planned(dinner, Rule::cook_a_dish), 40, 0),
            "minute   |0     |30\n"
            "cook 1   AA........\n"
            "cook 2   ..........\n"
            "stove    ..AAAAA...\n"
            "oven     BBBBB.....\n")
      << "never narrower than can be read";
}

}  // namespace
}  // namespace overtake::lab
