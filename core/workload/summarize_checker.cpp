// SPDX-License-Identifier: Apache-2.0
// The checker of summarize and the reference that it compares with, written for clarity and apart from the variants.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/workload/element_report.h"
#include "core/workload/summarize.h"

namespace overtake {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kDoubleUnit = 0x1p-53;

using Mean = Summarize::Checker<float>::Mean;

double sums_error(double count) { return 4 * std::sqrt(count) * kDoubleUnit; }

// Of values that are added in order.
struct Sum {
  long double total = 0, magnitude = 0;
  double count = 0;
  void add(double x) {
    total += static_cast<long double>(x);
    magnitude += std::abs(static_cast<long double>(x));
    ++count;
  }
  Mean mean() const {
    if (count == 0) return {kNaN, 0};
    const auto n = static_cast<long double>(count);
    const auto value = static_cast<double>(total / n);
    return {value, std::isfinite(value) ? sums_error(count) * static_cast<double>(magnitude / n) : 0};
  }
};

// Linear between the values next to place q (n - 1) of the ordered values; only the ends of the parts before
// `from` have been put in order.
double quantile(std::vector<double>& values, double q, std::ptrdiff_t from) {
  const double place = q * static_cast<double>(values.size() - 1);
  const auto rank = static_cast<std::ptrdiff_t>(place);
  const double part = place - static_cast<double>(rank);
  const auto at = values.begin() + rank;
  std::nth_element(values.begin() + from, at, values.end());
  if (part == 0) return *at;
  const double low = *at, high = *std::min_element(at + 1, values.end());
  return low == high ? low : low * (1 - part) + high * part;
}

void count_bins(const std::vector<double>& values, Summarize::Figures& out) {
  const auto edges = Summarize::bin_edges(out.min, out.max);
  for (const double x : values) {
    std::size_t bin = Summarize::kBins - 1;
    while (bin > 0 && x < edges[bin]) --bin;
    ++out.histogram[bin];
  }
}

using Expected = Summarize::Checker<float>::Expected;

template <class T>
Expected describe(std::span<const T> column, bool with_order) {
  std::vector<double> values;
  for (const T x : column)
    if (!std::isnan(x)) values.push_back(static_cast<double>(x));
  Expected out{Summarize::no_figures(), 0, 0};
  Summarize::Figures& f = out.figures;
  f.count = static_cast<std::int64_t>(values.size());
  f.missing = static_cast<std::int64_t>(column.size()) - f.count;
  if (values.empty()) return out;
  Sum sum;
  for (const double x : values) sum.add(x);
  const auto [min, max] = std::ranges::minmax(values);
  f.min = min;
  f.max = max;
  const auto [mean, mean_error] = sum.mean();
  f.mean = std::clamp(mean, min, max);
  out.mean_error = mean_error;
  const bool finite = std::isfinite(min) && std::isfinite(max);
  if (finite && f.count > 1) {
    const long double exact = sum.total / static_cast<long double>(sum.count);
    long double squares = 0;
    for (const double x : values)
      squares += (static_cast<long double>(x) - exact) * (static_cast<long double>(x) - exact);
    f.deviation = static_cast<double>(std::sqrt(squares / static_cast<long double>(f.count - 1)));
    out.deviation_error = 4 * sums_error(sum.count) * f.deviation + mean_error;
  }
  if (!with_order) return out;
  if (finite) count_bins(values, f);
  std::ptrdiff_t from = 0;
  for (std::size_t k = 0; k < f.quartiles.size(); ++k) {
    f.quartiles[k] = quantile(values, Summarize::kQuartiles[k], from);
    from = static_cast<std::ptrdiff_t>(Summarize::kQuartiles[k] * static_cast<double>(values.size() - 1));
  }
  return out;
}

template <class T>
Mean correlation(const T* xs, const T* ys, std::int64_t rows) {
  Sum x_sum, y_sum;
  double x_min = kInfinity, x_max = -kInfinity, y_min = kInfinity, y_max = -kInfinity;
  for (std::int64_t i = 0; i < rows; ++i) {
    if (!std::isfinite(xs[i]) || !std::isfinite(ys[i])) continue;
    const double x = static_cast<double>(xs[i]), y = static_cast<double>(ys[i]);
    x_sum.add(x);
    y_sum.add(y);
    x_min = std::min(x_min, x), x_max = std::max(x_max, x);
    y_min = std::min(y_min, y), y_max = std::max(y_max, y);
  }
  if (!(x_min < x_max) || !(y_min < y_max)) return {kNaN, 0};
  const auto n = static_cast<long double>(x_sum.count);
  const long double x_mean = x_sum.total / n, y_mean = y_sum.total / n;
  long double xx = 0, yy = 0, xy = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    if (!std::isfinite(xs[i]) || !std::isfinite(ys[i])) continue;
    const long double x = static_cast<long double>(xs[i]) - x_mean, y = static_cast<long double>(ys[i]) - y_mean;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  const auto r = static_cast<double>(xy / (std::sqrt(xx) * std::sqrt(yy)));
  return {std::clamp(r, -1.0, 1.0), 6 * Summarize::kCancellation * sums_error(x_sum.count)};
}

}  // namespace

template <class T>
Summarize::Checker<T>::Checker(const Input<T>& input) : input_(input) {
  const Problem& p = input.problem;
  const View<T>& numeric = input.table.numeric;
  const std::int64_t width = p.numeric();
  for (std::int64_t j = 0; j < width && p.has_figures(); ++j)
    columns_.push_back(describe(std::span<const T>(numeric.row(j), static_cast<std::size_t>(p.rows)), p.describes()));
  if (p.correlates()) {
    correlation_.resize(static_cast<std::size_t>(width * width));
    for (std::int64_t j = 0; j < width; ++j)
      for (std::int64_t k = j; k < width; ++k)
        correlation_[static_cast<std::size_t>(j * width + k)] = correlation_[static_cast<std::size_t>(k * width + j)] =
            correlation(numeric.row(j), numeric.row(k), p.rows);
  }
  if (!p.groups()) return;
  group_rows_.assign(static_cast<std::size_t>(p.levels), 0);
  std::vector<Sum> sums(static_cast<std::size_t>(p.levels * width));
  std::int64_t first = 0;
  for (std::int64_t c = 0; c < p.categorical; ++c) {
    const std::int32_t levels = input.table.levels[static_cast<std::size_t>(c)];
    for (std::int64_t i = 0; i < p.rows; ++i) {
      const std::int32_t code = input.table.codes(c, i);
      if (code < 0 || code >= levels) continue;
      ++group_rows_[static_cast<std::size_t>(first + code)];
      for (std::int64_t j = 0; j < width; ++j)
        if (!std::isnan(numeric(j, i)))
          sums[static_cast<std::size_t>((first + code) * width + j)].add(static_cast<double>(numeric(j, i)));
    }
    first += levels;
  }
  for (const Sum& sum : sums) group_means_.push_back(sum.mean());
}

template <class T>
void Summarize::Checker<T>::check_columns(const Output<T>& out, ElementReport& report) const {
  for (std::size_t j = 0; j < columns_.size(); ++j) {
    const auto& [expected, mean_error, deviation_error] = columns_[j];
    const Figures& actual = out.columns[j];
    const auto figure = [&](const char* what, double is, Bounded should) {
      report.element(is, should, [&] { return std::string(what) + " of numeric column " + std::to_string(j + 1); });
    };
    const auto count = [&](const char* what, std::int64_t is, std::int64_t should) {
      figure(what, static_cast<double>(is), {static_cast<double>(should), 0});
    };
    count("the count", actual.count, expected.count);
    count("the number missing", actual.missing, expected.missing);
    figure("the mean", actual.mean, {expected.mean, mean_error});
    figure("the deviation", actual.deviation, {expected.deviation, deviation_error});
    figure("the minimum", actual.min, {expected.min, 0});
    figure("the maximum", actual.max, {expected.max, 0});
    if (!input_.problem.describes()) continue;
    for (std::size_t k = 0; k < expected.quartiles.size(); ++k) {
      // Two products and a sum of numbers of which neither is beyond the extremes.
      const double magnitude = std::max(std::abs(expected.min), std::abs(expected.max));
      const double error =
          std::isfinite(expected.quartiles[k]) && std::isfinite(magnitude) ? 4 * kDoubleUnit * magnitude : 0;
      figure("a quartile", actual.quartiles[k], {expected.quartiles[k], error});
    }
    for (std::size_t k = 0; k < kBins; ++k) count("a bin", actual.histogram[k], expected.histogram[k]);
  }
}

template <class T>
void Summarize::Checker<T>::check_correlation(const Output<T>& out, ElementReport& report) const {
  const std::int64_t width = out.correlation.rows;
  for (std::int64_t j = 0; j < width; ++j)
    for (std::int64_t k = 0; k < width; ++k) {
      const auto [value, error] = correlation_[static_cast<std::size_t>(j * width + k)];
      report.element(out.correlation(j, k), {value, error}, [&] {
        return "the correlation of numeric columns " + std::to_string(j + 1) + " and " + std::to_string(k + 1);
      });
    }
}

template <class T>
void Summarize::Checker<T>::check_groups(const Output<T>& out, ElementReport& report) const {
  const std::int64_t width = out.group_means.cols;
  for (std::int64_t level = 0; level < out.group_means.rows; ++level) {
    const auto at = static_cast<std::size_t>(level);
    report.element(static_cast<double>(out.group_rows[at]), {static_cast<double>(group_rows_[at]), 0},
                   [&] { return "the number of rows of category " + std::to_string(level + 1); });
    for (std::int64_t j = 0; j < width; ++j) {
      const auto [value, error] = group_means_[static_cast<std::size_t>(level * width + j)];
      report.element(out.group_means(level, j), {value, error}, [&] {
        return "the mean of numeric column " + std::to_string(j + 1) + " in category " + std::to_string(level + 1);
      });
    }
  }
}

template <class T>
Check Summarize::Checker<T>::operator()(const Output<T>& out) const {
  ElementReport report;
  check_columns(out, report);
  check_correlation(out, report);
  check_groups(out, report);
  return report.check;
}

template class Summarize::Checker<float>;

}  // namespace overtake
