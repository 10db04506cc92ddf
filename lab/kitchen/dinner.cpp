// SPDX-License-Identifier: Apache-2.0
#include "lab/kitchen/dinner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace overtake::lab {
namespace {

constexpr bool kHands = true, kByItself = false;

// The steps in an order in which each comes after those that it waits for; fewer than all where some wait in a circle.
std::vector<std::size_t> in_order(const Dinner& dinner) {
  std::vector<std::size_t> missing, order;
  std::vector<std::vector<std::size_t>> before(dinner.steps.size());
  for (std::size_t i = 0; i < dinner.steps.size(); ++i) {
    missing.push_back(dinner.steps[i].after.size());
    for (const std::size_t earlier : dinner.steps[i].after) before[earlier].push_back(i);
    if (missing[i] == 0) order.push_back(i);
  }
  for (std::size_t k = 0; k < order.size(); ++k)
    for (const std::size_t later : before[order[k]])
      if (--missing[later] == 0) order.push_back(later);
  return order;
}

}  // namespace

int Dinner::room_for(Place place) const {
  if (place == Place::stove) return stoves;
  if (place == Place::oven) return ovens;
  return static_cast<int>(steps.size());
}

Dinner dinner_for_ten() {
  Dinner dinner{.cooks = 2, .stoves = 2, .ovens = 1, .wanted = 180};
  dinner.dishes = {{'R', "roast"}, {'G', "gravy"}, {'P', "potatoes"}, {'S', "soup"}, {'B', "beans"},
                   {'L', "salad"}, {'C', "cake"},  {'W', "rolls"},    {'T', "table"}};
  dinner.steps = {
      {0, "season the roast", 15, kHands, Place::anywhere, {}},
      {0, "roast it", 90, kByItself, Place::oven, {0}},
      {0, "let it rest", 15, kByItself, Place::anywhere, {1}},
      {0, "carve it", 10, kHands, Place::anywhere, {2}},
      {1, "make the gravy", 15, kHands, Place::stove, {1}},
      {2, "peel potatoes", 25, kHands, Place::anywhere, {}},
      {2, "boil them", 25, kByItself, Place::stove, {5}},
      {2, "mash them", 10, kHands, Place::anywhere, {6}},
      {3, "chop for the soup", 20, kHands, Place::anywhere, {}},
      {3, "let it simmer", 40, kByItself, Place::stove, {8}},
      {3, "blend it", 5, kHands, Place::anywhere, {9}},
      {4, "trim beans", 15, kHands, Place::anywhere, {}},
      {4, "steam them", 12, kByItself, Place::stove, {11}},
      {5, "wash and cut the salad", 20, kHands, Place::anywhere, {}},
      {5, "dress it", 5, kHands, Place::anywhere, {13}},
      {6, "mix the cake", 20, kHands, Place::anywhere, {}},
      {6, "bake it", 35, kByItself, Place::oven, {15}},
      {6, "let it cool", 20, kByItself, Place::anywhere, {16}},
      {6, "ice it", 10, kHands, Place::anywhere, {17}},
      {7, "knead the rolls", 15, kHands, Place::anywhere, {}},
      {7, "let them rise", 45, kByItself, Place::anywhere, {19}},
      {7, "bake them", 20, kByItself, Place::oven, {20}},
      {8, "lay the table", 15, kHands, Place::anywhere, {}},
      {8, "serve", 10, kHands, Place::anywhere, {3, 4, 7, 10, 12, 14, 18, 21, 22}},
  };
  return dinner;
}

void require_cookable(const Dinner& dinner) {
  if (dinner.cooks < 1) throw std::invalid_argument("a kitchen needs at least one cook");
  for (const Step& step : dinner.steps) {
    const auto refuse = [&](std::string_view why) {
      throw std::invalid_argument(fmt::format("the step '{}' {}", step.name, why));
    };
    if (!(step.minutes >= 0) || std::isinf(step.minutes)) refuse("must take a number of minutes, 0 or more");
    if (step.dish >= dinner.dishes.size()) refuse("is of no dish");
    if (dinner.room_for(step.place) < 1) refuse("needs a stove or an oven, and there is none");
    for (const std::size_t earlier : step.after)
      if (earlier >= dinner.steps.size()) refuse("waits for a step that is not there");
  }
  const auto order = in_order(dinner);
  for (std::size_t i = 0; i < dinner.steps.size(); ++i)
    if (std::ranges::find(order, i) == order.end())
      throw std::invalid_argument(fmt::format("the step '{}' waits for itself", dinner.steps[i].name));
}

std::vector<double> tails(const Dinner& dinner) {
  const auto order = in_order(dinner);
  std::vector<double> after(dinner.steps.size()), out(dinner.steps.size());  // after: the longest of those that wait
  for (std::size_t k = order.size(); k-- > 0;) {
    const Step& step = dinner.steps[order[k]];
    out[order[k]] = step.minutes + after[order[k]];
    for (const std::size_t earlier : step.after) after[earlier] = std::max(after[earlier], out[order[k]]);
  }
  return out;
}

double Bounds::longest() const { return std::max({critical_path, hands, *std::ranges::max_element(places)}); }

Bounds bounds_of(const Dinner& dinner, int cooks) {
  Bounds bounds;
  for (const double tail : tails(dinner)) bounds.critical_path = std::max(bounds.critical_path, tail);
  for (const Step& step : dinner.steps) {
    if (step.hands) bounds.hands += step.minutes / cooks;
    if (step.place != Place::anywhere)
      bounds.places[static_cast<std::size_t>(step.place)] += step.minutes / dinner.room_for(step.place);
  }
  return bounds;
}

}  // namespace overtake::lab
