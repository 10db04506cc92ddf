// SPDX-License-Identifier: Apache-2.0
// What there is to know of a table at first sight: figures of each column, correlations, means of groups, with the
// meaning of pandas. For `overtake do summarize`. Columns are read through the kernels of cpu/preprocess/engine.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/workload/table.h"
#include "cpu/read_csv/engine/read.h"

namespace overtake {

/// DataFrame.describe() of a numeric column, without its missing values: the deviation is divided by n - 1, quartiles
/// are interpolated linearly between ranks. NaN where there is no such figure. Infinite values count as values; the
/// deviation is then NaN.
struct ColumnSummary {
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  static constexpr std::size_t kBins = 10;

  std::string name;
  std::int64_t count = 0, missing = 0;
  double mean = kNaN, deviation = kNaN, min = kNaN, lower_quartile = kNaN, median = kNaN, upper_quartile = kNaN,
         max = kNaN;
  /// numpy.histogram(x, bins=10): of equal width from min to max, the last one closed. All 0 where there is no value or
  /// an infinite one.
  std::array<std::int64_t, kBins> histogram{};
};

struct CategoricalSummary {
  std::string name;
  std::int64_t count = 0, missing = 0;
  std::vector<std::string> categories;  // sorted
  std::vector<std::int64_t> rows;       // of each category
  /// groupby(name).mean(): for each category, of each numeric column; NaN where it has no value there.
  std::vector<std::vector<double>> means;
};

struct Summary {
  std::int64_t rows = 0;
  std::vector<ColumnSummary> numeric;
  std::vector<CategoricalSummary> categorical;
  /// DataFrame.corr(): Pearson's, over the rows where both columns have a value; row by row, numeric x numeric; NaN
  /// where a column does not vary there or fewer than two rows are left.
  std::vector<double> correlation;
};

/// `team` has `workers` members; each takes a column, a row of correlations or a grouping at a time, so that the answer
/// does not depend on their number.
Summary summarize(const Table& table, const Team& team);

}  // namespace overtake
