// SPDX-License-Identifier: Apache-2.0
// Comparing an answer with a reference element by element. For the checkers of preprocess and summarize.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "core/workload/workload.h"

namespace overtake {

/// A value and a bound on how far a right answer may be from it; an infinite bound: nothing can be said, because a
/// rounding error in front of a pole or of a division by almost nothing decides.
struct Bounded {
  double value, error;
};

/// The worst element so far, or the first that is wrong.
struct ElementReport {
  Check check{.method = "reference", .ok = true};
  double worst_share = -1;
  std::int64_t undecided = 0;

  /// `where` makes the text that names the element, only where it is wrong. NaN is right where NaN is expected.
  template <class Where>
  void element(double actual, Bounded expected, Where&& where) {
    if (!check.ok) return;
    if (expected.error == std::numeric_limits<double>::infinity()) {
      ++undecided;
      return;
    }
    if (std::isnan(expected.value) ? std::isnan(actual) : actual == expected.value) {
      if (worst_share < 0) worst_share = 0, check.tolerance = expected.error;
      return;
    }
    const double error = std::abs(actual - expected.value);
    if (!(error <= expected.error)) {
      check = {.method = "reference", .error = error, .tolerance = expected.error, .ok = false};
      check.detail = where() + " is " + std::to_string(actual) + ", not " + std::to_string(expected.value);
    } else if (error / expected.error > worst_share) {
      worst_share = error / expected.error;
      check.error = error;
      check.tolerance = expected.error;
    }
  }
};

}  // namespace overtake
