// SPDX-License-Identifier: Apache-2.0
// Pearson's correlation of two columns from sums over the rows where both have a finite value. For variants of
// summarize, on CPUs and GPUs.
#pragma once

#include <cmath>

#include "core/host_device.h"
#include "core/workload/statistics.h"
#include "core/workload/summarize.h"

namespace overtake {

/// Sums over a pair's rows, of differences from a value of each column.
struct PairSums {
  double rows = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
};

OVERTAKE_HOST_DEVICE inline PairSums together(const PairSums& x, const PairSums& y) {
  return {x.rows + y.rows, x.a + y.a, x.b + y.b, x.aa + y.aa, x.bb + y.bb, x.ab + y.ab};
}

/// NaN where fewer than two rows are left or a column is equal to the value that differences were taken from. False
/// where cancellation took too many digits (Summarize::kCancellation): sums about the means are then needed.
OVERTAKE_HOST_DEVICE inline bool correlation_of(const PairSums& s, double& correlation) {
  correlation = Statistics::kNaN;
  if (s.rows < 2 || s.aa == 0 || s.bb == 0) return true;
  const double a_squares = s.aa - s.a * s.a / s.rows, b_squares = s.bb - s.b * s.b / s.rows;
  constexpr double kLeast = 1 / Summarize::kCancellation;
  if (!(a_squares >= s.aa * kLeast) || !(b_squares >= s.bb * kLeast)) return false;
  const double r = (s.ab - s.a * s.b / s.rows) / std::sqrt(a_squares * b_squares);
  correlation = r < -1 ? -1 : r > 1 ? 1 : r;
  return true;
}

}  // namespace overtake
