// SPDX-License-Identifier: Apache-2.0
// The Mann-Whitney test and what is dual to it: the Hodges-Lehmann shift between two samples with its distribution-free
// interval. For statistics.h, which asks about ratios of times by way of their logarithms.
#pragma once

#include <cstddef>
#include <vector>

namespace overtake::compare {

/// How far `other` lies above `base`.
struct Shift {
  double estimate = 0;        // median of all differences other[j] - base[i]
  double low = 0, high = 0;   // order statistics of these differences; meaningless without an interval
  bool has_interval = false;  // false: too few values for this confidence, whatever they are
  double p = 1;               // two-sided
};

/// Hodges and Lehmann, "Estimates of location based on rank tests", Annals of Mathematical Statistics 34, 1963; the
/// interval and its duality with the test of Mann and Whitney (ibid. 18, 1947): Hollander, Wolfe and Chicken,
/// "Nonparametric statistical methods", 3rd ed., 4.3. With up to kExactUpTo values a side the distribution of U is
/// exact (ties: that of untied values, which errs towards no difference); beyond, normal with correction for ties and
/// for continuity. The interval excludes 0 exactly where p <= 1 - confidence, but for ties. Neither side may be empty.
Shift hodges_lehmann(std::vector<double> base, std::vector<double> other, double confidence);

constexpr std::size_t kExactUpTo = 50;

/// P(U <= u) of Mann and Whitney's statistic for n and m values where nothing differs.
double mann_whitney_cdf(std::size_t n, std::size_t m, double u);
/// The smallest two-sided p that n and m values can reach: that of complete separation.
double smallest_p(std::size_t n, std::size_t m);

/// The p-quantile of the standard normal distribution, p in (0, 1).
double normal_quantile(double p);

}  // namespace overtake::compare
