// SPDX-License-Identifier: Apache-2.0
#include "cpu/table/statistics.h"

#include <algorithm>

namespace overtake {

Statistics merged(const Statistics& a, const Statistics& b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  const double n = static_cast<double>(a.count + b.count), share = static_cast<double>(b.count) / n;
  const double apart = b.mean - a.mean;
  return {a.count + b.count, a.mean + apart * share,
          a.squares + b.squares + apart * apart * share * static_cast<double>(a.count), std::min(a.min, b.min),
          std::max(a.max, b.max)};
}

Statistics settled(Statistics s) {
  if (s.count == 0) return {};
  if (infinite(s)) {
    s.mean = s.min == -std::numeric_limits<double>::infinity() && s.max == std::numeric_limits<double>::infinity()
                 ? std::numeric_limits<double>::quiet_NaN()
             : std::isinf(s.max) ? s.max
                                 : s.min;
    s.squares = std::numeric_limits<double>::quiet_NaN();
  } else {
    s.mean = std::clamp(s.mean, s.min, s.max);
    if (constant(s)) s.squares = 0;
  }
  return s;
}

}  // namespace overtake
