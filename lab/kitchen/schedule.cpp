// SPDX-License-Identifier: Apache-2.0
#include "lab/kitchen/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>

namespace overtake::lab {
namespace {

// Clocks count nanoseconds, and sums of minutes are rounded.
constexpr double kRounding = 1e-6;

// One line for each pair of steps that are at the same cook, stove or oven at once.
template <class Key>
void find_overlaps(const Dinner& dinner, const Schedule& schedule, std::string_view what, Key key,
                   std::vector<std::string>& faults) {
  std::vector<Cooked> sorted = schedule.steps;
  std::ranges::stable_sort(sorted, {}, &Cooked::start);
  for (std::size_t i = 0; i < sorted.size(); ++i)
    for (std::size_t j = i + 1; j < sorted.size() && sorted[j].start < sorted[i].end - kRounding; ++j)
      if (key(sorted[i]) != kNobody && key(sorted[i]) == key(sorted[j]) && sorted[j].end > sorted[j].start)
        faults.push_back(fmt::format("{} {} is at '{}' and '{}' at once", what, key(sorted[i]) + 1,
                                     dinner.steps[sorted[i].what.step].name, dinner.steps[sorted[j].what.step].name));
}

void find_faults_of_step(const Dinner& dinner, const Schedule& schedule, std::size_t index,
                         std::vector<std::string>& faults) {
  const Step& step = dinner.steps[index];
  const Cooked& cooked = schedule.steps[index];
  const auto fault = [&](std::string_view why) { faults.push_back(fmt::format("'{}' {}", step.name, why)); };
  if (cooked.what.step != index) fault("is not where it belongs");
  if (cooked.start < 0) fault("began before all");
  if (cooked.end - cooked.start < step.minutes - kRounding) fault("was too short");
  if (step.hands && (cooked.what.cook < 0 || cooked.what.cook >= schedule.cooks)) fault("had no cook");
  if (step.place != Place::anywhere && (cooked.what.unit < 0 || cooked.what.unit >= dinner.room_for(step.place)))
    fault("had no place");
  for (const std::size_t earlier : step.after)
    if (cooked.start < schedule.steps[earlier].end - kRounding)
      fault(fmt::format("began before '{}' had ended", dinner.steps[earlier].name));
}

}  // namespace

double Schedule::minutes() const {
  double last = 0;
  for (const Cooked& step : steps) last = std::max(last, step.end);
  return last;
}

Schedule planned(const Dinner& dinner, Rule rule) {
  require_cookable(dinner);
  Brigade brigade(dinner, rule);
  Schedule schedule{.cooks = cooks_of(dinner, rule), .steps = std::vector<Cooked>(dinner.steps.size())};
  const auto ends_later = [&](std::size_t a, std::size_t b) { return schedule.steps[a].end > schedule.steps[b].end; };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(ends_later)> in_progress(ends_later);
  double now = 0;
  for (;;) {
    for (const Begun& begun : brigade.begin()) {
      schedule.steps[begun.step] = {begun, now, now + dinner.steps[begun.step].minutes};
      in_progress.push(begun.step);
    }
    if (in_progress.empty()) return schedule;
    now = schedule.steps[in_progress.top()].end;
    while (!in_progress.empty() && schedule.steps[in_progress.top()].end <= now) {
      brigade.end(schedule.steps[in_progress.top()].what);
      in_progress.pop();
    }
  }
}

std::vector<std::string> faults_of(const Dinner& dinner, const Schedule& schedule) {
  if (schedule.steps.size() != dinner.steps.size()) return {"not every step was cooked"};
  std::vector<std::string> faults;
  for (std::size_t i = 0; i < dinner.steps.size(); ++i) find_faults_of_step(dinner, schedule, i, faults);
  find_overlaps(dinner, schedule, "cook", [](const Cooked& step) { return step.what.cook; }, faults);
  for (const auto& [place, name] : {std::pair(Place::stove, "stove"), std::pair(Place::oven, "oven")})
    find_overlaps(
        dinner, schedule, name,
        [&](const Cooked& step) { return dinner.steps[step.what.step].place == place ? step.what.unit : kNobody; },
        faults);
  const double bound = bounds_of(dinner, schedule.cooks).longest();
  if (schedule.minutes() < bound - kRounding)
    faults.push_back(fmt::format("all in {} minutes is less than the bound of {}", schedule.minutes(), bound));
  return faults;
}

}  // namespace overtake::lab
