// SPDX-License-Identifier: Apache-2.0
#include "compare/mann_whitney.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <numbers>
#include <utility>

namespace overtake::compare {
namespace {

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

// P(U <= u) for u = 0 … n m. Ways to choose n of the ranks 1 … n + m by their sum: additive, so that no digit is lost.
std::vector<double> cumulative_distribution(std::size_t n, std::size_t m) {
  const std::size_t most = n * m;
  // ways[i][u]: i ranks chosen so far that exceed their least possible sum by u.
  std::vector<std::vector<double>> ways(n + 1, std::vector<double>(most + 1, 0.0));
  ways[0][0] = 1;
  for (std::size_t rank = 1; rank <= n + m; ++rank)
    for (std::size_t i = std::min(rank, n); i >= 1; --i) {
      const std::size_t excess = rank - i;  // over the least rank that the i-th smallest can have
      if (excess > m) continue;
      for (std::size_t u = most + 1; u-- > excess;) ways[i][u] += ways[i - 1][u - excess];
    }
  double total = 0, below = 0;
  for (const double count : ways[n]) total += count;
  std::vector<double> cdf;
  for (const double count : ways[n]) cdf.push_back((below += count) / total);
  return cdf;
}

// Kept: a comparison asks for the same few sizes again and again.
const std::vector<double>& cached_distribution(std::size_t n, std::size_t m) {
  static std::mutex mutex;
  static std::map<std::pair<std::size_t, std::size_t>, std::unique_ptr<const std::vector<double>>> cache;
  const std::lock_guard lock(mutex);
  auto& entry = cache[std::minmax(n, m)];
  if (!entry)
    entry = std::make_unique<const std::vector<double>>(cumulative_distribution(std::min(n, m), std::max(n, m)));
  return *entry;
}

bool is_exact(std::size_t n, std::size_t m) { return n <= kExactUpTo && m <= kExactUpTo; }

// Pairs with other[j] - base[i] below and at most `limit`, of sorted values.
struct Counts {
  std::size_t below = 0, at_most = 0;
};
Counts count_differences(const std::vector<double>& base, const std::vector<double>& other, double limit) {
  Counts counts;
  std::size_t below = 0, at_most = 0;
  for (const double from : base) {
    while (below < other.size() && other[below] - from < limit) ++below;
    while (at_most < other.size() && other[at_most] - from <= limit) ++at_most;
    counts.below += below;
    counts.at_most += at_most;
  }
  return counts;
}

// Order statistics of the n m differences of sorted values without storing them where they are many: each by bisection
// of its value and counting, which ends at a difference itself.
class Differences {
 public:
  Differences(const std::vector<double>& base, const std::vector<double>& other) : base_(base), other_(other) {
    if (size() > kMostStored) return;
    stored_.reserve(size());
    for (const double from : base)
      for (const double to : other) stored_.push_back(to - from);
    std::sort(stored_.begin(), stored_.end());
  }

  std::size_t size() const { return base_.size() * other_.size(); }

  // 0 is the smallest.
  double at(std::size_t index) const {
    if (!stored_.empty()) return stored_[index];
    double low = other_.front() - base_.back(), high = other_.back() - base_.front();
    if (count_differences(base_, other_, low).at_most > index) return low;
    // Invariant: at most `index` differences <= low, more than `index` <= high.
    for (;;) {
      const double middle = low + 0.5 * (high - low);
      if (!(middle > low && middle < high)) return high;
      (count_differences(base_, other_, middle).at_most > index ? high : low) = middle;
    }
  }

  double median() const {
    const std::size_t half = size() / 2;
    return size() % 2 == 1 ? at(half) : 0.5 * (at(half - 1) + at(half));
  }

 private:
  static constexpr std::size_t kMostStored = 1 << 16;
  const std::vector<double>&base_, &other_;
  std::vector<double> stored_;
};

// Standard deviation of U, with the correction for ties.
double deviation_of_u(const std::vector<double>& base, const std::vector<double>& other) {
  std::vector<double> all(base);
  all.insert(all.end(), other.begin(), other.end());
  std::sort(all.begin(), all.end());
  double ties = 0;
  for (auto first = all.begin(); first != all.end();) {
    const auto last = std::upper_bound(first, all.end(), *first);
    const auto t = static_cast<double>(last - first);
    ties += t * t * t - t;
    first = last;
  }
  const auto n = static_cast<double>(base.size()), m = static_cast<double>(other.size()), total = n + m;
  return std::sqrt(n * m / 12 * (total + 1 - ties / (total * (total - 1))));
}

// Two-sided; `below` pairs speak for a shift downwards, those that are equal for half of one.
double p_of(const Counts& zero, const std::vector<double>& base, const std::vector<double>& other) {
  const auto pairs = static_cast<double>(base.size() * other.size());
  const double u = static_cast<double>(zero.below) + 0.5 * static_cast<double>(zero.at_most - zero.below);
  const double extreme = std::min(u, pairs - u);
  if (is_exact(base.size(), other.size()))
    return std::min(1.0, 2 * mann_whitney_cdf(base.size(), other.size(), std::ceil(extreme)));
  const double deviation = deviation_of_u(base, other);
  if (deviation == 0) return 1;
  return std::min(1.0, 2 * normal_cdf((extreme - pairs / 2 + 0.5) / deviation));
}

// How many of the smallest differences the interval leaves out; -1 where it cannot reach this confidence.
std::ptrdiff_t left_out(const std::vector<double>& base, const std::vector<double>& other, double confidence) {
  const double tail = (1 - confidence) / 2;
  if (is_exact(base.size(), other.size())) {
    const auto& cdf = cached_distribution(base.size(), other.size());
    return std::upper_bound(cdf.begin(), cdf.end(), tail) - cdf.begin() - 1;
  }
  const double pairs = static_cast<double>(base.size() * other.size());
  const double u = pairs / 2 - 0.5 + normal_quantile(tail) * deviation_of_u(base, other);
  return u < 0 ? -1 : static_cast<std::ptrdiff_t>(std::min(u, (pairs - 1) / 2));
}

}  // namespace

double mann_whitney_cdf(std::size_t n, std::size_t m, double u) {
  if (u < 0) return 0;
  const auto& cdf = cached_distribution(n, m);
  return u >= static_cast<double>(cdf.size() - 1) ? 1 : cdf[static_cast<std::size_t>(u)];
}

double smallest_p(std::size_t n, std::size_t m) {
  // 2 / binomial(n + m, n)
  const auto a = static_cast<double>(n), b = static_cast<double>(m);
  return std::min(1.0, 2 * std::exp(std::lgamma(a + 1) + std::lgamma(b + 1) - std::lgamma(a + b + 1)));
}

double normal_quantile(double p) {
  double low = -40, high = 40;
  while (high - low > 1e-14 * std::max(1.0, std::abs(low))) {
    const double middle = 0.5 * (low + high);
    (normal_cdf(middle) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

Shift hodges_lehmann(std::vector<double> base, std::vector<double> other, double confidence) {
  std::sort(base.begin(), base.end());
  std::sort(other.begin(), other.end());
  const Differences differences(base, other);
  Shift shift;
  shift.estimate = differences.median();
  shift.p = p_of(count_differences(base, other, 0), base, other);
  if (const std::ptrdiff_t out = left_out(base, other, confidence); out >= 0) {
    shift.has_interval = true;
    shift.low = differences.at(static_cast<std::size_t>(out));
    shift.high = differences.at(differences.size() - 1 - static_cast<std::size_t>(out));
  }
  return shift;
}

}  // namespace overtake::compare
