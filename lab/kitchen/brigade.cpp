// SPDX-License-Identifier: Apache-2.0
#include "lab/kitchen/brigade.h"

#include <algorithm>
#include <numeric>

namespace overtake::lab {
namespace {

int first_free(const std::vector<bool>& busy) {
  const auto found = std::ranges::find(busy, false);
  return found == busy.end() ? kNobody : static_cast<int>(found - busy.begin());
}

}  // namespace

std::string_view to_string(Rule rule) {
  constexpr std::array<std::string_view, kRules.size()> kNames = {"one_by_one", "one_cook", "cook_a_dish",
                                                                  "critical_path"};
  return kNames.at(static_cast<std::size_t>(rule));
}

int cooks_of(const Dinner& dinner, Rule rule) {
  if (rule == Rule::cook_a_dish) return static_cast<int>(dinner.dishes.size());
  return rule == Rule::critical_path ? dinner.cooks : 1;
}

Brigade::Brigade(const Dinner& dinner, Rule rule)
    : dinner_(dinner), rule_(rule), waiting_(dinner.steps.size()), cook_busy_(cooks_of(dinner, rule)) {
  std::iota(waiting_.begin(), waiting_.end(), std::size_t{0});
  if (rule == Rule::critical_path) {
    const auto tail = tails(dinner);
    std::ranges::stable_sort(waiting_, [&](std::size_t a, std::size_t b) { return tail[a] > tail[b]; });
  }
  for (const Step& step : dinner.steps) missing_.push_back(step.after.size());
  for (const Place place : {Place::stove, Place::oven})
    unit_busy_[static_cast<std::size_t>(place)].resize(static_cast<std::size_t>(dinner.room_for(place)));
}

bool Brigade::begins(std::size_t index) {
  const Step& step = dinner_.steps[index];
  if (missing_[index] > 0 || (rule_ == Rule::one_by_one && in_progress_ > 0)) return false;
  Begun begun{.step = index};
  auto& units = unit_busy_[static_cast<std::size_t>(step.place)];
  if (step.place != Place::anywhere) begun.unit = first_free(units);
  if (step.place != Place::anywhere && begun.unit == kNobody) return false;
  if (step.hands) {
    const bool own = rule_ == Rule::cook_a_dish;
    begun.cook = own ? static_cast<int>(step.dish) : first_free(cook_busy_);
    if (begun.cook == kNobody || cook_busy_[static_cast<std::size_t>(begun.cook)]) return false;
    cook_busy_[static_cast<std::size_t>(begun.cook)] = true;
  }
  if (begun.unit != kNobody) units[static_cast<std::size_t>(begun.unit)] = true;
  ++in_progress_;
  begun_.push_back(begun);
  return true;
}

std::span<const Begun> Brigade::begin() {
  begun_.clear();
  std::erase_if(waiting_, [&](std::size_t step) { return begins(step); });
  return begun_;
}

void Brigade::end(const Begun& begun) {
  if (begun.cook != kNobody) cook_busy_[static_cast<std::size_t>(begun.cook)] = false;
  const Place place = dinner_.steps[begun.step].place;
  if (begun.unit != kNobody) unit_busy_[static_cast<std::size_t>(place)][static_cast<std::size_t>(begun.unit)] = false;
  for (std::size_t i = 0; i < dinner_.steps.size(); ++i)
    missing_[i] -= static_cast<std::size_t>(std::ranges::count(dinner_.steps[i].after, begun.step));
  --in_progress_;
  ++ended_;
}

}  // namespace overtake::lab
