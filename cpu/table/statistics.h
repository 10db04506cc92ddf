// SPDX-License-Identifier: Apache-2.0
// What one reading of a column gives: count, mean, spread and extremes, of parts that are put together afterwards. For
// cpu/preprocess and cpu/summarize.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace overtake {

/// Of the values of a column that are not missing: mean, sum of squared differences from it, extremes.
struct Statistics {
  std::int64_t count = 0;
  double mean = 0, squares = 0;
  double min = std::numeric_limits<double>::infinity(), max = -std::numeric_limits<double>::infinity();
};

/// Of both parts together: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
/// variances" (1979). Each part's squares are about its own mean, so that nothing cancels.
Statistics merged(const Statistics& a, const Statistics& b);

inline bool constant(const Statistics& s) { return s.min == s.max && std::isfinite(s.min); }
inline bool infinite(const Statistics& s) { return s.count > 0 && (std::isinf(s.min) || std::isinf(s.max)); }

/// Sums that met an infinite value say nothing: what IEEE arithmetic makes of them follows from the extremes. And
/// rounding may neither take a mean out of the column's range nor make a constant column vary.
Statistics settled(Statistics);

}  // namespace overtake
