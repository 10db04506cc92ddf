// SPDX-License-Identifier: Apache-2.0
// What one reading of a column gives: count, mean, spread and extremes, of parts that are put together afterwards. For
// variants of preprocess and summarize, on CPUs and GPUs.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "core/host_device.h"

namespace overtake {

/// Of the values of a column that are not missing: mean, sum of squared differences from it, extremes.
struct Statistics {
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

  std::int64_t count = 0;
  double mean = 0, squares = 0;
  double min = kInfinity, max = -kInfinity;
};

/// Of both parts together: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
/// variances" (1979). Each part's squares are about its own mean, so that nothing cancels.
OVERTAKE_HOST_DEVICE inline Statistics merged(const Statistics& a, const Statistics& b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  const double n = static_cast<double>(a.count + b.count), share = static_cast<double>(b.count) / n;
  const double apart = b.mean - a.mean;
  return {a.count + b.count, a.mean + apart * share,
          a.squares + b.squares + apart * apart * share * static_cast<double>(a.count), a.min < b.min ? a.min : b.min,
          a.max > b.max ? a.max : b.max};
}

OVERTAKE_HOST_DEVICE inline bool constant(const Statistics& s) { return s.min == s.max && std::isfinite(s.min); }
OVERTAKE_HOST_DEVICE inline bool infinite(const Statistics& s) {
  return s.count > 0 && (std::isinf(s.min) || std::isinf(s.max));
}

/// Sums that met an infinite value say nothing: what IEEE arithmetic makes of them follows from the extremes. And
/// rounding may neither take a mean out of the column's range nor make a constant column vary.
OVERTAKE_HOST_DEVICE inline Statistics settled(Statistics s) {
  if (s.count == 0) return {};
  if (infinite(s)) {
    const bool both = s.min == -Statistics::kInfinity && s.max == Statistics::kInfinity;
    s.mean = both ? Statistics::kNaN : std::isinf(s.max) ? s.max : s.min;
    s.squares = Statistics::kNaN;
  } else {
    s.mean = s.mean < s.min ? s.min : s.mean > s.max ? s.max : s.mean;
    if (constant(s)) s.squares = 0;
  }
  return s;
}

}  // namespace overtake
