// SPDX-License-Identifier: Apache-2.0
#include "cpu/summarize/engine/summary.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <span>

#include "cpu/table/select.h"
#include "cpu/table/statistics.h"

namespace overtake {
namespace {

constexpr double kNaN = ColumnSummary::kNaN, kInfinity = std::numeric_limits<double>::infinity();
constexpr std::array<double, 3> kQuartiles = {0.25, 0.5, 0.75};

template <class Function>
void for_each_piece(std::span<const float> values, Function function) {
  const auto count = static_cast<std::int64_t>(values.size());
  for (std::int64_t i = 0; i < count; i += kPieceRows) function(values.data() + i, std::min(kPieceRows, count - i));
}

double quartile_of(std::span<const float> values, std::span<const float> sample, std::int64_t count, double q) {
  // Every value, where a sample misled.
  for (const Bracket bracket : {bracket_around(sample, q), Bracket{}}) {
    Bracketed found;
    for_each_piece(values, [&](const float* piece, std::int64_t rows) { gather_bracket(piece, rows, bracket, found); });
    if (const auto value = quantile(found, bracket, count, q)) return *value;
  }
  return kNaN;
}

// numpy's edges: half a unit to both sides of a column that does not vary.
void count_bins(std::span<const float> values, ColumnSummary& column) {
  if (!std::isfinite(column.min) || !std::isfinite(column.max)) return;
  const bool constant = column.min == column.max;
  const double low = constant ? column.min - 0.5 : column.min, high = constant ? column.max + 0.5 : column.max;
  const double scale = static_cast<double>(ColumnSummary::kBins) / (high - low);
  for (const float x : values) {
    if (std::isnan(x)) continue;
    const auto bin = static_cast<std::size_t>((static_cast<double>(x) - low) * scale);
    ++column.histogram[std::min(bin, ColumnSummary::kBins - 1)];
  }
}

ColumnSummary describe(const Column& column) {
  const std::span<const float> values(column.values.data(), column.values.size());
  ColumnSummary out;
  out.name = column.name;
  Statistics all;
  for_each_piece(values, [&](const float* piece, std::int64_t rows) { gather_piece(piece, rows, all); });
  out.count = all.count;
  out.missing = static_cast<std::int64_t>(values.size()) - all.count;
  if (all.count == 0) return out;
  out.min = all.min;
  out.max = all.max;
  if (std::isinf(all.min) || std::isinf(all.max)) {
    out.mean = all.min == -kInfinity && all.max == kInfinity ? kNaN : std::isinf(all.max) ? all.max : all.min;
  } else {
    out.mean = std::clamp(all.mean, all.min, all.max);
    if (all.count > 1)
      out.deviation = all.min == all.max ? 0 : std::sqrt(all.squares / static_cast<double>(all.count - 1));
  }
  std::vector<float> sample;
  for (const std::int64_t i : sample_positions(static_cast<std::int64_t>(values.size())))
    sample.push_back(values[static_cast<std::size_t>(i)]);
  double* const quartiles[] = {&out.lower_quartile, &out.median, &out.upper_quartile};
  for (std::size_t k = 0; k < kQuartiles.size(); ++k)
    *quartiles[k] = quartile_of(values, sample, all.count, kQuartiles[k]);
  count_bins(values, out);
  return out;
}

// Sums of differences from values near the means, so that nothing cancels.
double correlation_of(std::span<const float> xs, std::span<const float> ys, double x_near, double y_near) {
  double n = 0, x_sum = 0, y_sum = 0, xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    const double dx = static_cast<double>(xs[i]) - x_near, dy = static_cast<double>(ys[i]) - y_near;
    if (std::isnan(dx) || std::isnan(dy)) continue;
    ++n;
    x_sum += dx;
    y_sum += dy;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  const double x_squares = xx - x_sum * x_sum / n, y_squares = yy - y_sum * y_sum / n;
  if (n < 2 || !(x_squares > 0) || !(y_squares > 0)) return kNaN;
  return std::clamp((xy - x_sum * y_sum / n) / std::sqrt(x_squares * y_squares), -1.0, 1.0);
}

CategoricalSummary group(const Table& table, const Column& by, std::span<const ColumnSummary> numeric) {
  CategoricalSummary out;
  out.name = by.name;
  out.categories = by.categories;
  out.rows.assign(by.categories.size(), 0);
  for (const std::int32_t code : by.codes) {
    if (code < 0)
      ++out.missing;
    else
      ++out.rows[static_cast<std::size_t>(code)];
  }
  out.count = table.rows - out.missing;
  out.means.assign(by.categories.size(), {});
  std::size_t number = 0;
  std::vector<double> sums(by.categories.size()), counts(by.categories.size());
  for (const Column& column : table.columns) {
    if (column.categorical) continue;
    const double near = std::isfinite(numeric[number].mean) ? numeric[number].mean : 0;
    std::ranges::fill(sums, 0);
    std::ranges::fill(counts, 0);
    for (std::size_t i = 0; i < column.values.size(); ++i) {
      const float x = column.values[i];
      if (by.codes[i] < 0 || std::isnan(x)) continue;
      sums[static_cast<std::size_t>(by.codes[i])] += static_cast<double>(x) - near;
      ++counts[static_cast<std::size_t>(by.codes[i])];
    }
    for (std::size_t k = 0; k < sums.size(); ++k)
      out.means[k].push_back(counts[k] > 0 ? near + sums[k] / counts[k] : kNaN);
    ++number;
  }
  return out;
}

// Each task once, by whoever is free.
void run_all(const Team& team, const std::vector<std::function<void()>>& tasks) {
  std::atomic<std::size_t> next = 0;
  team([&](int) {
    for (std::size_t task = next++; task < tasks.size(); task = next++) tasks[task]();
  });
}

}  // namespace

Summary summarize(const Table& table, const Team& team) {
  Summary out;
  out.rows = table.rows;
  std::vector<const Column*> numeric, categorical;
  for (const Column& column : table.columns) (column.categorical ? categorical : numeric).push_back(&column);
  const std::size_t n = numeric.size();
  out.numeric.resize(n);
  out.categorical.resize(categorical.size());
  out.correlation.assign(n * n, kNaN);
  std::vector<std::function<void()>> tasks;
  for (std::size_t j = 0; j < n; ++j) tasks.emplace_back([&, j] { out.numeric[j] = describe(*numeric[j]); });
  run_all(team, tasks);
  tasks.clear();
  // The longest rows of the triangle first.
  for (std::size_t j = 0; j < n; ++j)
    tasks.emplace_back([&, j] {
      const auto values = [&](std::size_t k) {
        return std::span(numeric[k]->values.data(), numeric[k]->values.size());
      };
      const auto near = [&](std::size_t k) { return std::isfinite(out.numeric[k].mean) ? out.numeric[k].mean : 0; };
      for (std::size_t k = j; k < n; ++k)
        out.correlation[j * n + k] = out.correlation[k * n + j] =
            correlation_of(values(j), values(k), near(j), near(k));
    });
  for (std::size_t j = 0; j < categorical.size(); ++j)
    tasks.emplace_back([&, j] { out.categorical[j] = group(table, *categorical[j], out.numeric); });
  run_all(team, tasks);
  return out;
}

}  // namespace overtake
