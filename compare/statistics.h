// SPDX-License-Identifier: Apache-2.0
// Medians, spreads, and the ratio of two sets of times with an interval that knows which samples are independent. For
// summaries and comparisons of runs; docs/methods.md explains them.
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

/// What is independent of each other: the processes' medians, or the samples of a single process.
std::vector<double> units_of(const Processes&);

struct Spread {
  double median, lower_quartile, upper_quartile;
  double mad;  // median absolute deviation from the median, not scaled
  /// Interquartile range over median; 0 where the median is 0.
  double relative() const;
};
Spread spread(std::span<const double> values);

/// Geometric mean of positive values. Throws std::invalid_argument where there are none.
double geometric_mean(std::span<const double> values);

/// What the interval of a ratio is made from.
enum class Unit {
  processes,  // process medians: the interval covers differences between processes
  samples,    // one process a side: differences between processes were not seen
  none,       // a time of 0: no statement
};

/// How many times as long `other` takes as `base`: above 1 is slower.
struct Ratio {
  double estimate = 1;
  double low = 0, high = 0;  // meaningless without an interval
  Unit unit = Unit::none;
  bool has_interval = false;  // false also where there are too few units for the confidence that was asked for
  double p = 1;               // two-sided, of this row alone
  std::size_t base_units = 0, other_units = 0;
  bool contains(double value) const { return has_interval && low <= value && value <= high; }
  /// Of base over other.
  Ratio inverse() const;
};

/// Hodges-Lehmann ratio: the median of all ratios of a unit of other and one of base, with its distribution-free
/// interval and the p of the Mann-Whitney test (mann_whitney.h, of the logarithms). Units are the process medians where
/// a side has several processes, otherwise the samples.
Ratio hodges_lehmann_ratio(const Processes& base, const Processes& other, double confidence = 0.95);

/// p values corrected for their number, in the given order (S. Holm, "A simple sequentially rejective multiple test
/// procedure", Scandinavian Journal of Statistics 6, 1979).
std::vector<double> holm(std::span<const double> p);

/// One row of a geometric mean.
struct Pair {
  const Processes *base, *other;
  Ratio ratio;  // hodges_lehmann_ratio of these
};
/// Geometric mean of the rows' Hodges-Lehmann ratios. The interval is a bootstrap's: units are drawn with replacement,
/// the same of every row that has as many, because rows timed in one process share its moment; the deviations of the
/// mean of logarithms, widened by sqrt(n / (n - 1)) for n units, are laid around the estimate (Davison and Hinkley,
/// "Bootstrap methods and their application", 1997, 2.2 and 5.2). It says how surely these rows' mean is known, nothing
/// about other rows. Rows without a statement (Unit::none) are left out.
struct MeanRatio {
  double estimate = 1, low = 1, high = 1;
  std::size_t rows = 0;
  bool has_interval = false;  // false: some row has a single unit on a side
};
MeanRatio mean_ratio(std::span<const Pair> rows, double confidence = 0.95);

}  // namespace overtake::compare
