// SPDX-License-Identifier: Apache-2.0
#include "cpu/preprocess/engine/statistics.h"

#include <algorithm>
#include <cmath>

namespace overtake {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool constant(const Statistics& s) { return s.min == s.max && std::isfinite(s.min); }
bool infinite(const Statistics& s) { return s.count > 0 && (std::isinf(s.min) || std::isinf(s.max)); }

// Sums that met an infinite value say nothing: what IEEE arithmetic makes of them follows from the extremes. And
// rounding may neither take a mean out of the column's range nor make a constant column vary.
Statistics settled(Statistics s) {
  if (s.count == 0) return {};
  if (infinite(s)) {
    s.mean = s.min == -kInfinity && s.max == kInfinity ? kNaN : std::isinf(s.max) ? s.max : s.min;
    s.squares = kNaN;
  } else {
    s.mean = std::clamp(s.mean, s.min, s.max);
    if (constant(s)) s.squares = 0;
  }
  return s;
}

Statistics with_filled(const Statistics& s, std::int64_t missing, double fill) {
  return missing == 0 || std::isnan(fill) ? s : settled(merged(s, {missing, fill, 0, fill, fill}));
}

Statistics scaled(Statistics s, double a, double b) {
  if (s.count == 0) return s;
  const double factor = 1 / b;
  s.mean = (s.mean - a) * factor;
  s.min = (s.min - a) * factor;
  s.max = (s.max - a) * factor;
  s.squares *= factor * factor;
  return settled(s);
}

}  // namespace

Statistics merged(const Statistics& a, const Statistics& b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  const double n = static_cast<double>(a.count + b.count), share = static_cast<double>(b.count) / n;
  const double apart = b.mean - a.mean;
  return {a.count + b.count, a.mean + apart * share,
          a.squares + b.squares + apart * apart * share * static_cast<double>(a.count), std::min(a.min, b.min),
          std::max(a.max, b.max)};
}

std::vector<Round> rounds_of(const Pipeline& pipeline) {
  std::vector<Round> rounds;
  const auto& steps = pipeline.steps;
  for (std::size_t s = 0; s < steps.size();) {
    if (!steps[s].learns()) {
      ++s;
      continue;
    }
    Round round{s, s + 1};
    const auto needs_reading = [&](StepKind kind) {
      return kind == StepKind::clip || kind == StepKind::log1p || kind == StepKind::impute_median ||
             kind == StepKind::impute_most_frequent;
    };
    while (round.last < steps.size() && !needs_reading(steps[round.last].kind)) ++round.last;
    rounds.push_back(round);
    s = round.last;
  }
  return rounds;
}

bool resolve(const Pipeline& pipeline, Round round, const Statistics& statistics, double middle, std::int64_t rows,
             std::int64_t column, const Fitted& fitted) {
  Statistics now = settled(statistics);
  for (std::size_t s = round.first; s < round.last; ++s) {
    double &a = fitted.a(s, column), &b = fitted.b(s, column);
    const bool unclear = infinite(now);
    switch (pipeline.steps[s].kind) {
      case StepKind::impute_mean:
        a = now.count == 0 ? 0 : now.mean;
        b = 0;
        now = with_filled(now, rows - now.count, a);
        break;
      case StepKind::impute_median:
      case StepKind::impute_most_frequent:
        a = now.count == 0 ? 0 : middle;
        b = 0;
        now = with_filled(now, rows - now.count, a);
        break;
      case StepKind::impute_constant:
        now = with_filled(now, rows - now.count, a);
        break;
      case StepKind::standardise:
        a = now.count == 0 ? kNaN : now.mean;
        b = now.count == 0 ? kNaN : constant(now) ? 1 : std::sqrt(now.squares / static_cast<double>(now.count));
        now = scaled(now, a, b);
        break;
      case StepKind::min_max:
        a = now.count == 0 ? kNaN : now.min;
        b = now.count == 0 ? kNaN : constant(now) ? 1 : now.max - now.min;
        now = scaled(now, a, b);
        break;
      case StepKind::clip:
      case StepKind::log1p:
        break;  // never within a round
    }
    if (unclear && s + 1 < round.last) return false;
  }
  return true;
}

void set_constant_parameters(const Pipeline& pipeline, std::int64_t columns, const Fitted& fitted) {
  for (std::size_t s = 0; s < pipeline.steps.size(); ++s)
    for (std::int64_t j = 0; j < columns && !pipeline.steps[s].learns(); ++j) {
      fitted.a(s, j) = pipeline.steps[s].a;
      fitted.b(s, j) = pipeline.steps[s].b;
    }
}

}  // namespace overtake
