// SPDX-License-Identifier: Apache-2.0
// Student's distribution, for means of few independent figures.
#pragma once

namespace overtake::compare {

/// P(T <= t) for `degrees` >= 1 of freedom: the finite sums of Abramowitz and Stegun, "Handbook of mathematical
/// functions", 26.7.3 and 26.7.4.
double student_cdf(double t, int degrees);
/// Its inverse, p in (0, 1).
double student_quantile(double p, int degrees);

}  // namespace overtake::compare
