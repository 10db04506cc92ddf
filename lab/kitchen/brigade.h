// SPDX-License-Identifier: Apache-2.0
// Who does what next: the rule by which a dinner is cooked. Planning (in no time) and cooking (in real time) ask the
// same object, so that both follow one rule.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "lab/kitchen/dinner.h"

namespace overtake::lab {

enum class Rule {
  one_by_one,     // one cook, who stands beside the oven until the roast is done
  one_cook,       // one cook, who goes on with something else while something cooks by itself
  cook_a_dish,    // each dish has a cook of its own, who does nothing else
  critical_path,  // the dinner's cooks; first what has the longest way to the table (list scheduling, Graham 1969)
};
inline constexpr std::array kRules = {Rule::one_by_one, Rule::one_cook, Rule::cook_a_dish, Rule::critical_path};
/// "one_by_one", …
std::string_view to_string(Rule);

/// Cooks that the rule employs.
int cooks_of(const Dinner& dinner, Rule rule);

constexpr int kNobody = -1;

/// Step with the cook and the stove or oven that it has taken.
struct Begun {
  std::size_t step;
  int cook = kNobody;
  int unit = kNobody;  // which stove or oven
};

class Brigade {
 public:
  /// The dinner must be cookable and outlive the brigade.
  Brigade(const Dinner& dinner, Rule rule);

  /// Everything that begins now; what it needs is taken until end(). The result is valid until the next call.
  std::span<const Begun> begin();
  void end(const Begun& begun);
  bool done() const { return ended_ == dinner_.steps.size(); }

 private:
  bool begins(std::size_t step);

  const Dinner& dinner_;
  Rule rule_;
  std::vector<std::size_t> waiting_;  // not begun, in the order of their claim
  std::vector<std::size_t> missing_;  // steps that a step still waits for
  std::vector<bool> cook_busy_;
  std::array<std::vector<bool>, kPlaces> unit_busy_;
  std::size_t in_progress_ = 0, ended_ = 0;
  std::vector<Begun> begun_;
};

}  // namespace overtake::lab
