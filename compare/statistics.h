// SPDX-License-Identifier: Apache-2.0
// Medians, spreads, and the ratio of two medians with an interval that knows which samples are independent. For
// summaries and comparisons of runs.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace overtake::compare {

/// Seconds of one cell: one list for each process that measured it. Samples of one process share its memory layout,
/// its core and its moment, so that only processes are independent of each other.
using Processes = std::vector<std::vector<double>>;

/// The p-quantile, p in [0, 1], linear between order statistics (type 7 of Hyndman and Fan, "Sample quantiles in
/// statistical packages", The American Statistician 50, 1996). Throws std::invalid_argument where there are no values.
double quantile(std::span<const double> values, double p);
double median(std::span<const double> values);
/// The median over processes of each process' median: the figure shown for a cell.
double median_of_processes(const Processes&);

struct Spread {
  double median, lower_quartile, upper_quartile;
  double mad;  // median absolute deviation from the median, not scaled
  /// Interquartile range over median; 0 where the median is 0.
  double relative() const;
};
Spread spread(std::span<const double> values);

/// Geometric mean of positive values. Throws std::invalid_argument where there are none.
double geometric_mean(std::span<const double> values);

/// The p-quantile of Student's t with `freedom` > 0 degrees, which need not be a whole number.
double student_t_quantile(double p, double freedom);

/// What the interval of a ratio is made from.
enum class Unit {
  processes,  // process medians: the interval covers differences between processes
  samples,    // one process a side: differences between processes were not seen
  none,       // too few samples, or a time of 0: no interval
};

/// median_of_processes(other) / median_of_processes(base), as seconds: above 1 is slower.
struct Ratio {
  double estimate = 1;
  double low = 0, high = 0;  // meaningless for Unit::none
  Unit unit = Unit::none;
  bool has_interval() const { return unit != Unit::none; }
  bool contains(double value) const { return has_interval() && low <= value && value <= high; }
};

/// Ratio with a confidence interval: Welch's t (B. L. Welch, "The generalization of 'Student's' problem when several
/// different population variances are involved", Biometrika 34, 1947) on the logarithms of the process medians where a
/// side has several processes, else on those of the samples. A side with a single unit is taken to vary like the other.
/// The interval is widened to contain the estimate where the mean of the logarithms lies far from their median.
Ratio ratio_of_medians(const Processes& base, const Processes& other, double confidence = 0.95);

}  // namespace overtake::compare
