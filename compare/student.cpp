// SPDX-License-Identifier: Apache-2.0
#include "compare/student.h"

#include <cmath>
#include <numbers>

namespace overtake::compare {

double student_cdf(double t, int degrees) {
  const double angle = std::atan(t / std::sqrt(degrees)), cosine = std::cos(angle), sine = std::sin(angle);
  const bool is_odd = degrees % 2 == 1;
  double term = is_odd ? cosine : 1, sum = degrees > 1 ? term : 0;
  for (int i = is_odd ? 3 : 2; i < degrees; i += 2) {
    term *= cosine * cosine * (i - 1) / i;
    sum += term;
  }
  // Within [-t, t].
  const double inside = is_odd ? 2 / std::numbers::pi * (angle + sine * sum) : sine * sum;
  return 0.5 * (1 + inside);
}

double student_quantile(double p, int degrees) {
  double low = -1, high = 1;
  while (student_cdf(low, degrees) > p) low *= 2;
  while (student_cdf(high, degrees) < p) high *= 2;
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high);
    (student_cdf(middle, degrees) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace overtake::compare
