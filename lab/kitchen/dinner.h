// SPDX-License-Identifier: Apache-2.0
// What is to be cooked and with what: steps that wait for each other, hands, stoves and ovens. The kitchen lab plans
// and cooks it; times are minutes.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace overtake::lab {

enum class Place { anywhere, stove, oven };  // anywhere: there is room for all
inline constexpr std::size_t kPlaces = 3;

struct Step {
  std::size_t dish;  // index of Dinner::dishes
  std::string name;
  double minutes;
  bool hands;  // needs a cook all the time; else it cooks by itself
  Place place;
  std::vector<std::size_t> after;  // steps that must have ended
};

struct Dish {
  char letter;  // how charts show it
  std::string name;
};

struct Dinner {
  std::vector<Dish> dishes;
  std::vector<Step> steps;
  int cooks = 1, stoves = 1, ovens = 1;
  double wanted = 0;  // minutes until it shall be on the table

  int room_for(Place place) const;  // stoves or ovens; of anywhere, one for each step
};

/// Ten guests, three hours, two cooks, two stoves, one oven.
Dinner dinner_for_ten();

/// Throws std::invalid_argument that names the step: it has a negative or endless time, waits for itself or for what is
/// not there, is of no dish, or needs what the kitchen lacks.
void require_cookable(const Dinner& dinner);

/// For each step the minutes from its begin to the end of all, if nothing but the order held it up. The dinner is
/// cookable.
std::vector<double> tails(const Dinner& dinner);

/// No schedule can be shorter than any of these minutes.
struct Bounds {
  double critical_path = 0;              // the longest chain of steps
  double hands = 0;                      // work that needs a cook, over the cooks
  std::array<double, kPlaces> places{};  // work at a place, over its room

  double longest() const;
};
Bounds bounds_of(const Dinner& dinner, int cooks);

}  // namespace overtake::lab
