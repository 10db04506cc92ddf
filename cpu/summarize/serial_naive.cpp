// SPDX-License-Identifier: Apache-2.0
// Figure by figure, as the definitions read: a pass for the mean, one for the deviation, a sort for the quartiles, two
// passes for each pair of columns, one for each group. It wins nowhere but in clarity; every figure costs a pass over
// memory, and the quartiles a sort.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/registry/variant.h"
#include "core/workload/summarize.h"

namespace overtake {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// In long double: a sum in order of values that are alike behind one that is large rounds each of them the same way.
double mean_of(const std::vector<double>& values) {
  long double sum = 0;
  for (const double x : values) sum += static_cast<long double>(x);
  return values.empty() ? kNaN : static_cast<double>(sum / static_cast<long double>(values.size()));
}

// Sum of products of differences from the means.
double products_of(const std::vector<double>& xs, const std::vector<double>& ys) {
  const double x_mean = mean_of(xs), y_mean = mean_of(ys);
  long double sum = 0;
  for (std::size_t i = 0; i < xs.size(); ++i) sum += static_cast<long double>((xs[i] - x_mean) * (ys[i] - y_mean));
  return static_cast<double>(sum);
}

bool varies(const std::vector<double>& values) {
  return std::ranges::any_of(values, [&](double x) { return x != values.front(); });
}

double quantile_of(const std::vector<double>& sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto rank = static_cast<std::size_t>(place);
  const double part = place - static_cast<double>(rank);
  if (part == 0 || sorted[rank] == sorted[rank + 1]) return sorted[rank];
  return sorted[rank] * (1 - part) + sorted[rank + 1] * part;
}

template <class T>
class SerialNaive {
 public:
  SerialNaive(const Summarize::Problem& problem, const Resources&) : problem_(problem) {}

  void load(const TableView<T>& table, const Summarize::Answer& answer) {
    table_ = table;
    answer_ = answer;
  }

  void run() {
    for (std::size_t j = 0; j < answer_.columns.size(); ++j)
      answer_.columns[j] = describe(static_cast<std::int64_t>(j));
    for (std::int64_t j = 0; j < answer_.correlation.rows; ++j)
      for (std::int64_t k = 0; k < answer_.correlation.cols; ++k) answer_.correlation(j, k) = correlation(j, k);
    if (problem_.groups()) groups();
  }

  void store() {}

 private:
  double value(std::int64_t column, std::int64_t row) const { return static_cast<double>(table_.numeric(column, row)); }

  Summarize::Figures describe(std::int64_t column) const {
    std::vector<double> values;
    for (std::int64_t i = 0; i < problem_.rows; ++i)
      if (!std::isnan(value(column, i))) values.push_back(value(column, i));
    Summarize::Figures out = Summarize::no_figures();
    out.count = static_cast<std::int64_t>(values.size());
    out.missing = problem_.rows - out.count;
    if (values.empty()) return out;
    out.min = *std::ranges::min_element(values);
    out.max = *std::ranges::max_element(values);
    // Rounding may not take the mean out of the range, or a constant column would vary.
    out.mean = std::clamp(mean_of(values), out.min, out.max);
    const bool finite = std::isfinite(out.min) && std::isfinite(out.max);
    if (finite && out.count > 1)
      out.deviation = varies(values) ? std::sqrt(products_of(values, values) / static_cast<double>(out.count - 1)) : 0;
    if (!problem_.describes()) return out;
    if (finite) count_bins(values, out);
    std::ranges::sort(values);
    for (std::size_t k = 0; k < out.quartiles.size(); ++k)
      out.quartiles[k] = quantile_of(values, Summarize::kQuartiles[k]);
    return out;
  }

  static void count_bins(const std::vector<double>& values, Summarize::Figures& out) {
    const auto edges = Summarize::bin_edges(out.min, out.max);
    for (const double x : values) {
      std::size_t bin = 0;
      while (bin + 1 < Summarize::kBins && x >= edges[bin + 1]) ++bin;
      ++out.histogram[bin];
    }
  }

  double correlation(std::int64_t j, std::int64_t k) const {
    std::vector<double> xs, ys;
    for (std::int64_t i = 0; i < problem_.rows; ++i) {
      if (!std::isfinite(value(j, i)) || !std::isfinite(value(k, i))) continue;
      xs.push_back(value(j, i));
      ys.push_back(value(k, i));
    }
    if (!varies(xs) || !varies(ys)) return kNaN;
    return std::clamp(products_of(xs, ys) / std::sqrt(products_of(xs, xs) * products_of(ys, ys)), -1.0, 1.0);
  }

  void groups() {
    std::int64_t first = 0;
    for (std::int64_t c = 0; c < problem_.categorical; ++c) {
      const std::int32_t levels = table_.levels[static_cast<std::size_t>(c)];
      std::vector<std::vector<std::int64_t>> rows(static_cast<std::size_t>(levels));
      for (std::int64_t i = 0; i < problem_.rows; ++i)
        if (const std::int32_t code = table_.codes(c, i); code >= 0 && code < levels)
          rows[static_cast<std::size_t>(code)].push_back(i);
      for (std::int32_t level = 0; level < levels; ++level) group(rows[static_cast<std::size_t>(level)], first + level);
      first += levels;
    }
  }

  void group(const std::vector<std::int64_t>& rows, std::int64_t place) {
    answer_.group_rows[static_cast<std::size_t>(place)] = static_cast<std::int64_t>(rows.size());
    for (std::int64_t j = 0; j < table_.numeric.rows; ++j) {
      std::vector<double> values;
      for (const std::int64_t i : rows)
        if (!std::isnan(value(j, i))) values.push_back(value(j, i));
      answer_.group_means(place, j) = mean_of(values);
    }
  }

  Summarize::Problem problem_;
  TableView<T> table_;
  Summarize::Answer answer_;
};

}  // namespace

OVERTAKE_VARIANT(Summarize, serial_naive, Strategy::serial, SerialNaive, float);

}  // namespace overtake
