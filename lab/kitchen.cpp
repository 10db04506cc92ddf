// SPDX-License-Identifier: Apache-2.0
// Cooking for ten in three hours. Dishes are tasks that wait for each other; cooks, stoves and the oven are the limits.
// Each rule's plan is really cooked, by a thread a cook, in minutes that last a part of a second; then it is held
// against the bounds that no schedule beats.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>

#include "compare/text.h"
#include "lab/engine/words.h"
#include "lab/kitchen/schedule.h"
#include "lab/lab.h"

namespace overtake::lab {
namespace {

// Shorter minutes are lost in what a thread takes to wake up.
constexpr double kShortestMinute = 2e-5, kLongestMinute = 2e-3, kMinute = 60;  // seconds
// The four dinners take 1122 minutes; cooked twice, once to warm up: 54 s.
constexpr double kLargestScale = 4e-4;
constexpr std::size_t kDrawnColumns = 80;

constexpr const char* kPlannedMetric = "planned_minutes";
constexpr const char* kMinuteMetric = "minute_seconds";

struct NamedBound {
  const char* metric;
  const char* name;
  const char* remedy;  // what would have to change for it to be lower
};
constexpr std::array kBounds = {
    NamedBound{"critical_path_minutes", "the longest chain of steps", "shorter steps: no further cook or oven helps"},
    NamedBound{"hands_minutes", "the cooks' work over their number", "another cook"},
    NamedBound{"stove_minutes", "the work on the stoves over their number", "another stove, not another cook"},
    NamedBound{"oven_minutes", "the work in the oven", "another oven, not another cook"},
};

using Traces = std::map<Rule, Schedule>;

KeyValues metrics_of(const Dinner& dinner, const Schedule& plan, double minute) {
  const Bounds bounds = bounds_of(dinner, plan.cooks);
  KeyValues metrics;
  metrics.set(kPlannedMetric, plan.minutes());
  metrics.set(kMinuteMetric, minute);
  metrics.set("wanted_minutes", dinner.wanted);
  const std::array values = {bounds.critical_path, bounds.hands, bounds.places[static_cast<std::size_t>(Place::stove)],
                             bounds.places[static_cast<std::size_t>(Place::oven)]};
  for (std::size_t i = 0; i < kBounds.size(); ++i) metrics.set(kBounds[i].metric, values[i]);
  return metrics;
}

std::string legend(const Dinner& dinner) {
  std::vector<std::string> words;
  for (const Dish& dish : dinner.dishes) words.push_back(fmt::format("{} {}", dish.letter, dish.name));
  return "Dishes: " + compare::list_text(words) + ".\n";
}

void measure(Session& session) {
  const Dinner dinner = dinner_for_ten();
  double longest = 0;
  for (const Rule rule : kRules) longest = std::max(longest, planned(dinner, rule).minutes());
  const std::optional<double> scale = session.scale();
  const auto traces = std::make_shared<Traces>();
  std::vector<Probe> probes;
  for (const Rule rule : kRules) {
    const Schedule plan = planned(dinner, rule);
    const auto run = [=](const Ask& ask) {
      const double minute =
          scale ? *scale * kMinute : std::clamp(ask.seconds / longest, kShortestMinute, kLongestMinute);
      const Schedule trace = cooked(dinner, rule, minute);
      (*traces)[rule] = trace;
      return Timed{.seconds = trace.minutes() * minute,
                   .error = static_cast<double>(faults_of(dinner, trace).size()),
                   .metrics = metrics_of(dinner, plan, minute)};
    };
    probes.push_back({.what = {.variant = std::string(to_string(rule)),
                               .workers = plan.cooks,
                               .shape = {{"steps", std::to_string(dinner.steps.size())}}},
                      .check = "no dependency, limit or bound broken",
                      .run = run,
                      .repeats = false});
  }
  session.run(probes);
  for (const auto& [rule, trace] : *traces)
    session.show(fmt::format("{}, as its threads did it:\n{}\n", to_string(rule),
                             gantt(dinner, trace, trace.minutes(), kDrawnColumns)));
  session.show(legend(dinner));
}

// What the figures say of one rule, in minutes.
struct Outcome {
  int cooks;
  double minutes, plan, wanted;
  std::array<double, kBounds.size()> bounds;

  std::size_t highest() const { return static_cast<std::size_t>(std::ranges::max_element(bounds) - bounds.begin()); }
};

Outcome outcome_of(const Figures& figures, Rule rule) {
  const auto variant = to_string(rule);
  const auto workers = figures.workers(variant);
  if (workers.empty()) throw MissingFigure(fmt::format("nobody cooked by the rule {}", variant));
  Outcome out{.cooks = workers.front()};
  const auto metric = [&](const char* key) {
    const auto values = figures.metric(variant, out.cooks, key);
    if (values.empty()) throw MissingFigure(fmt::format("{} of {} is not there", key, variant));
    return values.front();
  };
  out.minutes = figures.seconds(variant, out.cooks) / metric(kMinuteMetric);
  out.plan = metric(kPlannedMetric);
  out.wanted = metric("wanted_minutes");
  for (std::size_t i = 0; i < kBounds.size(); ++i) out.bounds[i] = metric(kBounds[i].metric);
  return out;
}

std::string minutes_text(double minutes) { return fmt::format("{:.0f} min", minutes); }
std::string cooks_text(int cooks) { return compare::count_text(static_cast<std::size_t>(cooks), "cook"); }

std::string one_cook_sentence(const Outcome& standing_by, const Outcome& going_on) {
  const std::string out = fmt::format(
      "One cook who stands by until each step is done took {}; one who meanwhile does something else took "
      "{}, {} that",
      minutes_text(standing_by.minutes), minutes_text(going_on.minutes),
      as_long_as(going_on.minutes, standing_by.minutes));
  if (longer(standing_by.minutes, going_on.minutes)) return out + ": what cooks by itself needs no cook beside it.";
  if (longer(going_on.minutes, standing_by.minutes)) return out + ": going on with something else cost time here.";
  return out + ": there was hardly anything to do meanwhile.";
}

std::string more_cooks_sentence(const Outcome& one, const Outcome& few, const Outcome& many) {
  const auto in_time = [](const Outcome& outcome) {
    return fmt::format("{} ({})", minutes_text(outcome.minutes),
                       outcome.plan > outcome.wanted          ? "planned too late"
                       : alike(outcome.minutes, outcome.plan) ? "planned in time"
                                                              : "planned in time, which the threads did not keep");
  };
  const std::string out = fmt::format(
      "{}, who always begin what has the longest way to the table, took {}, {} one cook alone, and {}, one a dish, {}",
      cooks_text(few.cooks), in_time(few), as_long_as(few.minutes, one.minutes), cooks_text(many.cooks), in_time(many));
  if (longer(few.minutes, many.minutes)) return out + ": here more hands still help.";
  if (longer(many.minutes, few.minutes)) return out + ": the order of the steps is worth more than hands.";
  return out + fmt::format(": the {} more had nothing left to make faster.", many.cooks - few.cooks);
}

std::string bound_sentence(const Outcome& few) {
  const std::size_t highest = few.highest();
  std::string others;
  for (std::size_t i = 0; i < kBounds.size(); ++i)
    if (i != highest)
      others += fmt::format("{}{} {}", others.empty() ? "" : ", ", kBounds[i].name, minutes_text(few.bounds[i]));
  const double bound = few.bounds[highest];
  return fmt::format(
      "No schedule of {} is shorter than {}, {} ({}); this one took {} that, and to lower the bound "
      "takes {}.",
      cooks_text(few.cooks), minutes_text(bound), kBounds[highest].name, others, as_long_as(few.minutes, bound),
      kBounds[highest].remedy);
}

Explanation explain(const Figures& figures) {
  Explanation out;
  Chart cooked{.title = "Minutes until the dinner was on the table, as the threads cooked it:"};
  for (const Rule rule : kRules) {
    const Outcome outcome = outcome_of(figures, rule);
    cooked.bars.push_back({fmt::format("{}, {}", to_string(rule), cooks_text(outcome.cooks)), outcome.minutes,
                           fmt::format("{} (planned {}, no less than {})", minutes_text(outcome.minutes),
                                       minutes_text(outcome.plan), minutes_text(outcome.bounds[outcome.highest()]))});
  }
  const Outcome one = outcome_of(figures, Rule::one_cook), few = outcome_of(figures, Rule::critical_path),
                many = outcome_of(figures, Rule::cook_a_dish);
  Chart bounds{.title = fmt::format("What no schedule of {} can beat:", cooks_text(few.cooks))};
  for (std::size_t i = 0; i < kBounds.size(); ++i)
    bounds.bars.push_back({kBounds[i].name, few.bounds[i], minutes_text(few.bounds[i])});
  out.charts = {std::move(cooked), std::move(bounds)};
  // Slower, alike, up to twice, more than twice as fast.
  constexpr std::array<std::size_t, 4> kChoices = {3, 0, 1, 2};
  out.answer = kChoices.at(range_of(few.minutes / many.minutes, {1 / kAlike, kAlike, 2}));
  out.sentences = {one_cook_sentence(outcome_of(figures, Rule::one_by_one), one), more_cooks_sentence(one, few, many),
                   bound_sentence(few)};
  return out;
}

}  // namespace

const Lab kKitchen = {
    .name = "kitchen",
    .summary = "A dinner for ten in three hours: dependencies, cooks, stoves and one oven",
    .question =
        "Nine dishes for ten guests, to be served in three hours: steps wait for each other, there are two stoves and "
        "one oven. Two cooks take the steps in a clever order; then nine cooks come, one for each dish. How much "
        "sooner do the nine serve?",
    .choices = {"about at the same time", "1.2 to 2 times as fast", "more than 2 times as fast", "later"},
    .source = "lab/kitchen.cpp",
    .largest_scale = kLargestScale,
    .measure = measure,
    .explain = explain,
};

}  // namespace overtake::lab
