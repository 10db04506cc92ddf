// SPDX-License-Identifier: Apache-2.0
#include "cpu/summarize/engine/correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace overtake {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

// Of a column over a pair's rows.
struct Present {
  double sum = 0, min = kInfinity, max = -kInfinity;
  void add(double x) {
    sum += x;
    min = std::min(min, x);
    max = std::max(max, x);
  }
  bool varies() const { return min < max; }
};

template <class Function>
void for_each_pair(const float* a, const float* b, std::int64_t rows, Function function) {
  for (std::int64_t i = 0; i < rows; ++i)
    if (std::isfinite(a[i]) && std::isfinite(b[i])) function(static_cast<double>(a[i]), static_cast<double>(b[i]));
}

}  // namespace

std::optional<double> correlation_of(const PairSums& sums) {
  double correlation = 0;
  if (!correlation_of(sums, correlation)) return std::nullopt;
  return correlation;
}

double correlation_about_means(const float* a, const float* b, std::int64_t rows) {
  double count = 0;
  Present x, y;
  for_each_pair(a, b, rows, [&](double xi, double yi) {
    ++count;
    x.add(xi);
    y.add(yi);
  });
  if (!x.varies() || !y.varies()) return kNaN;
  const double x_mean = x.sum / count, y_mean = y.sum / count;
  double xx = 0, yy = 0, xy = 0;
  for_each_pair(a, b, rows, [&](double xi, double yi) {
    xx += (xi - x_mean) * (xi - x_mean);
    yy += (yi - y_mean) * (yi - y_mean);
    xy += (xi - x_mean) * (yi - y_mean);
  });
  return std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
}

double near_of(std::span<const float> column) {
  constexpr std::size_t kSome = 255;
  std::vector<float> values;
  const std::size_t step = std::max<std::size_t>(column.size() / kSome, 1);
  for (std::size_t i = 0; i < column.size(); i += step)
    if (std::isfinite(column[i])) values.push_back(column[i]);
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return static_cast<double>(*middle);
}

}  // namespace overtake
