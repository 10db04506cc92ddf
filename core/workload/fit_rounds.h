// SPDX-License-Identifier: Apache-2.0
// How the parameters of several steps follow from what one reading of a column gives, so that a fit reads each column
// once. For every variant of preprocess, on CPUs and GPUs, that does not go step by step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/host_device.h"
#include "core/workload/pipeline.h"
#include "core/workload/statistics.h"

namespace overtake {

/// One reading of the columns as the steps before `first` leave them; the parameters of steps [first, last) follow.
struct Round {
  std::size_t first, last;
};

/// The readings that fitting takes. A scaling or an imputation changes statistics in a way that can be computed; after
/// clip and log1p, columns must be read again for the next step that learns; medians and most frequent values come
/// first in a round of their own.
std::vector<Round> rounds_of(const Pipeline&);

/// A reading for each step that learns, where resolve() could not follow several.
std::vector<Round> single_rounds_of(const Pipeline&);

/// Parameters of one column: a and b of step s.
struct ColumnParameters {
  double* of_first_step;
  std::int64_t stride;  // from a step to the next

  OVERTAKE_HOST_DEVICE double& a(std::size_t s) const { return of_first_step[static_cast<std::int64_t>(s) * stride]; }
  OVERTAKE_HOST_DEVICE double& b(std::size_t s) const {
    return of_first_step[static_cast<std::int64_t>(s) * stride + 1];
  }
};

inline ColumnParameters parameters_of(const Fitted& fitted, std::int64_t column) {
  return {fitted.parameters.data + 2 * column, fitted.parameters.stride};
}

/// Statistics of a column whose `missing` values became `fill`.
OVERTAKE_HOST_DEVICE inline Statistics with_filled(const Statistics& s, std::int64_t missing, double fill) {
  return missing == 0 || std::isnan(fill) ? s : settled(merged(s, {missing, fill, 0, fill, fill}));
}

/// Of a column whose values became (x - a) / b.
OVERTAKE_HOST_DEVICE inline Statistics scaled(Statistics s, double a, double b) {
  if (s.count == 0) return s;
  const double factor = 1 / b;
  s.mean = (s.mean - a) * factor;
  s.min = (s.min - a) * factor;
  s.max = (s.max - a) * factor;
  s.squares *= factor * factor;
  return settled(s);
}

/// Sets the parameters of one step that learns, or takes those of impute_constant, and returns the statistics of the
/// column as the step leaves it.
OVERTAKE_HOST_DEVICE inline Statistics resolve_step(StepKind kind, const Statistics& now, double middle,
                                                    std::int64_t rows, double& a, double& b) {
  switch (kind) {
    case StepKind::impute_mean:
      a = now.count == 0 ? 0 : now.mean;
      b = 0;
      break;
    case StepKind::impute_median:
    case StepKind::impute_most_frequent:
      a = now.count == 0 ? 0 : middle;
      b = 0;
      break;
    case StepKind::standardise:
      a = now.count == 0 ? Statistics::kNaN : now.mean;
      b = now.count == 0  ? Statistics::kNaN
          : constant(now) ? 1
                          : std::sqrt(now.squares / static_cast<double>(now.count));
      return scaled(now, a, b);
    case StepKind::min_max:
      a = now.count == 0 ? Statistics::kNaN : now.min;
      b = now.count == 0 ? Statistics::kNaN : constant(now) ? 1 : now.max - now.min;
      return scaled(now, a, b);
    case StepKind::impute_constant:
      break;
    case StepKind::clip:
    case StepKind::log1p:
      return now;  // never within a round
  }
  return with_filled(now, rows - now.count, a);
}

/// Sets the parameters of steps [round.first, round.last) for a column of `rows` rows with these statistics; `middle`
/// is the median or the most frequent value where the first step asks for it. False where they do not follow, because
/// the column has infinite values that a step makes missing: then only the first step's parameters are set, and the
/// others take a reading each.
OVERTAKE_HOST_DEVICE inline bool resolve(const Step* steps, Round round, const Statistics& statistics, double middle,
                                         std::int64_t rows, ColumnParameters parameters) {
  Statistics now = settled(statistics);
  for (std::size_t s = round.first; s < round.last; ++s) {
    const bool unclear = infinite(now);
    now = resolve_step(steps[s].kind, now, middle, rows, parameters.a(s), parameters.b(s));
    if (unclear && s + 1 < round.last) return false;
  }
  return true;
}

/// Sets a column's parameters of those of `count` steps that learn nothing.
OVERTAKE_HOST_DEVICE inline void set_constant_parameters(const Step* steps, std::size_t count,
                                                         ColumnParameters parameters) {
  for (std::size_t s = 0; s < count; ++s) {
    if (learns(steps[s].kind)) continue;
    parameters.a(s) = steps[s].a;
    parameters.b(s) = steps[s].b;
  }
}

}  // namespace overtake
