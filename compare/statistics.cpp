// SPDX-License-Identifier: Apache-2.0
#include "compare/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace overtake::compare {
namespace {

constexpr double kTiny = 1e-300;

// Continued fraction of the incomplete beta function, DLMF 8.17.22, by Lentz' method.
double beta_fraction(double a, double b, double x) {
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::abs(d) < kTiny ? kTiny : d);
  double value = d;
  for (int m = 1; m <= 500; ++m) {
    const auto step = [&](double term) {
      d = 1 + term * d;
      c = 1 + term / c;
      d = 1 / (std::abs(d) < kTiny ? kTiny : d);
      if (std::abs(c) < kTiny) c = kTiny;
      value *= d * c;
      return std::abs(d * c - 1);
    };
    step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    if (step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))) < 1e-14) break;
  }
  return value;
}

// Regularised incomplete beta function I_x(a, b).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

// P(T > t) for t >= 0.
double upper_tail(double t, double freedom) {
  return 0.5 * incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

struct Moments {
  double count = 0, mean = 0, variance = 0;  // variance: unbiased, 0 for a single value
};

Moments moments(std::span<const double> values) {
  Moments m{.count = static_cast<double>(values.size())};
  m.mean = std::accumulate(values.begin(), values.end(), 0.0) / m.count;
  for (const double value : values) m.variance += (value - m.mean) * (value - m.mean);
  m.variance = values.size() > 1 ? m.variance / (m.count - 1) : 0;
  return m;
}

std::vector<double> logs(const Processes& processes, Unit unit) {
  std::vector<double> out;
  for (const auto& samples : processes) {
    if (unit == Unit::processes)
      out.push_back(std::log(median(samples)));
    else
      for (const double sample : samples) out.push_back(std::log(sample));
  }
  return out;
}

// Half the width of the interval of the difference of two means.
double half_width(const Moments& a, const Moments& b, double confidence) {
  double error = a.variance / a.count + b.variance / b.count, freedom = 0;
  if (a.count < 2 || b.count < 2) {
    const double variance = std::max(a.variance, b.variance);
    error = variance / a.count + variance / b.count;
    freedom = std::max(a.count, b.count) - 1;
  } else if (error > 0) {
    const double va = a.variance / a.count, vb = b.variance / b.count;
    freedom = error * error / (va * va / (a.count - 1) + vb * vb / (b.count - 1));  // Welch and Satterthwaite
  }
  return error > 0 ? student_t_quantile(0.5 + confidence / 2, freedom) * std::sqrt(error) : 0;
}

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

double student_t_quantile(double p, double freedom) {
  if (p < 0.5) return -student_t_quantile(1 - p, freedom);
  double low = 0, high = 1;
  while (upper_tail(high, freedom) > 1 - p && high < 1e18) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-13 * high; ++i) {
    const double middle = 0.5 * (low + high);
    (upper_tail(middle, freedom) > 1 - p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

Ratio ratio_of_medians(const Processes& base, const Processes& other, double confidence) {
  const double from = median_of_processes(base), to = median_of_processes(other);
  Ratio ratio;
  ratio.estimate = from == to ? 1 : to / from;
  const Unit unit = base.size() > 1 || other.size() > 1 ? Unit::processes : Unit::samples;
  const auto a = logs(base, unit), b = logs(other, unit);
  const auto is_finite = [](double value) { return std::isfinite(value); };
  if (!std::all_of(a.begin(), a.end(), is_finite) || !std::all_of(b.begin(), b.end(), is_finite)) return ratio;
  if (a.size() < 2 && b.size() < 2) return ratio;
  const Moments ma = moments(a), mb = moments(b);
  const double difference = mb.mean - ma.mean, half = half_width(ma, mb, confidence);
  ratio.unit = unit;
  ratio.low = std::min(std::exp(difference - half), ratio.estimate);
  ratio.high = std::max(std::exp(difference + half), ratio.estimate);
  return ratio;
}

}  // namespace overtake::compare
