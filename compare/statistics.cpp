// SPDX-License-Identifier: Apache-2.0
#include "compare/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "compare/mann_whitney.h"
#include "core/random.h"

namespace overtake::compare {
namespace {

constexpr int kReplicates = 2000;
constexpr Seed kBootstrapSeed{0xb007};

Unit unit_of(const Processes& base, const Processes& other) {
  return base.size() > 1 || other.size() > 1 ? Unit::processes : Unit::samples;
}

std::vector<double> log_units(const Processes& processes, Unit unit) {
  std::vector<double> out;
  for (const auto& samples : processes) {
    if (unit == Unit::processes)
      out.push_back(std::log(median(samples)));
    else
      for (const double sample : samples) out.push_back(std::log(sample));
  }
  return out;
}

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

// The sums of logarithms, unit by unit, of the rows that have equally many units on one side of a geometric mean.
class Resampler {
 public:
  void add(const std::vector<double>& logs) {
    auto& sums = sums_[logs.size()];
    sums.resize(logs.size(), 0.0);
    for (std::size_t i = 0; i < logs.size(); ++i) sums[i] += logs[i];
  }

  bool has_single_units() const { return sums_.contains(1); }

  // The sum over rows of what the mean of the drawn units deviates from that of all.
  double deviation(const RandomStream& random, std::uint64_t& drawn) const {
    double total = 0;
    for (const auto& [count, sums] : sums_) {
      const auto n = static_cast<double>(count);
      double mean = 0, sum = 0;
      for (const double value : sums) mean += value / n;
      for (std::size_t i = 0; i < count; ++i) sum += sums[random.bits(drawn++) % count] - mean;
      total += sum / n * std::sqrt(n / (n - 1));
    }
    return total;
  }

 private:
  std::map<std::size_t, std::vector<double>> sums_;
};

}  // namespace

double quantile(std::span<const double> values, double p) {
  if (values.empty()) throw std::invalid_argument("a quantile needs at least one value");
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

double median(std::span<const double> values) { return quantile(values, 0.5); }

double median_of_processes(const Processes& processes) {
  std::vector<double> medians;
  for (const auto& samples : processes) medians.push_back(median(samples));
  return median(medians);
}

std::vector<double> units_of(const Processes& processes) {
  if (processes.size() == 1) return processes.front();
  std::vector<double> units;
  for (const auto& samples : processes) units.push_back(median(samples));
  return units;
}

double Spread::relative() const { return median > 0 ? (upper_quartile - lower_quartile) / median : 0; }

Spread spread(std::span<const double> values) {
  const double middle = median(values);
  std::vector<double> deviations;
  for (const double value : values) deviations.push_back(std::abs(value - middle));
  return {middle, quantile(values, 0.25), quantile(values, 0.75), median(deviations)};
}

double geometric_mean(std::span<const double> values) {
  if (values.empty()) throw std::invalid_argument("a geometric mean needs at least one value");
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return std::exp(sum / static_cast<double>(values.size()));
}

Ratio Ratio::inverse() const {
  Ratio out = *this;
  out.estimate = 1 / estimate;
  out.low = 1 / high;
  out.high = 1 / low;
  std::swap(out.base_units, out.other_units);
  return out;
}

Ratio hodges_lehmann_ratio(const Processes& base, const Processes& other, double confidence) {
  const Unit unit = unit_of(base, other);
  auto from = log_units(base, unit), to = log_units(other, unit);
  Ratio ratio{.base_units = from.size(), .other_units = to.size()};
  if (!all_finite(from) || !all_finite(to)) {
    const double a = median_of_processes(base), b = median_of_processes(other);
    ratio.estimate = a == b ? 1 : b / a;
    return ratio;
  }
  const Shift shift = hodges_lehmann(std::move(from), std::move(to), confidence);
  ratio.estimate = std::exp(shift.estimate);
  ratio.unit = unit;
  ratio.p = shift.p;
  ratio.has_interval = shift.has_interval;
  if (shift.has_interval) {
    ratio.low = std::exp(shift.low);
    ratio.high = std::exp(shift.high);
  }
  return ratio;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> corrected(p.size());
  double least = 0;
  for (std::size_t i = 0; i < order.size(); ++i)
    corrected[order[i]] = least = std::max(least, std::min(1.0, static_cast<double>(p.size() - i) * p[order[i]]));
  return corrected;
}

MeanRatio mean_ratio(std::span<const Pair> rows, double confidence) {
  MeanRatio mean;
  double sum = 0;
  Resampler base, other;
  for (const Pair& row : rows) {
    if (row.ratio.unit == Unit::none) continue;
    ++mean.rows;
    sum += std::log(row.ratio.estimate);
    base.add(log_units(*row.base, row.ratio.unit));
    other.add(log_units(*row.other, row.ratio.unit));
  }
  if (mean.rows == 0) return mean;
  const auto count = static_cast<double>(mean.rows);
  mean.estimate = mean.low = mean.high = std::exp(sum / count);
  if (base.has_single_units() || other.has_single_units()) return mean;
  const RandomStream random(kBootstrapSeed, 0);
  std::uint64_t drawn = 0;
  std::vector<double> deviations;
  for (int i = 0; i < kReplicates; ++i)
    deviations.push_back((other.deviation(random, drawn) - base.deviation(random, drawn)) / count);
  mean.has_interval = true;
  mean.low = mean.estimate * std::exp(-quantile(deviations, 0.5 + confidence / 2));
  mean.high = mean.estimate * std::exp(-quantile(deviations, 0.5 - confidence / 2));
  return mean;
}

}  // namespace overtake::compare
