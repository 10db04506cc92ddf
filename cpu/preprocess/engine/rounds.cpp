// SPDX-License-Identifier: Apache-2.0
#include "cpu/preprocess/engine/rounds.h"

#include <cmath>
#include <limits>

namespace overtake {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

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
