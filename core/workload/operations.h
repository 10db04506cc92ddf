// SPDX-License-Identifier: Apache-2.0
// What the steps of a pipeline do to a value once their parameters are known: a fused list for each column, the same
// for variants on CPUs and GPUs.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "core/host_device.h"
#include "core/workload/fit_rounds.h"
#include "core/workload/pipeline.h"

namespace overtake {

/// What a piece of a column goes through. Steps in float32, each result within 3 units of half its last place of what
/// double precision gives (0.6 in the last place for all but log1p): a scaler's parameters are sums of two floats.
struct Operation {
  enum class Kind {
    fill,          // missing -> c
    scale,         // (x - a) / b
    fill_scale,    // the same, missing -> c, which is what the filled value would become, computed in double
    scale_double,  // where float32 would leave its range on the way
    clip,
    log1p,
  };
  Kind kind;
  double a = 0, b = 0;
  float c = 0;
};

OVERTAKE_HOST_DEVICE constexpr bool scales(StepKind kind) {
  return kind == StepKind::standardise || kind == StepKind::min_max;
}

/// Differences and quotients stay where float32 has all its digits.
OVERTAKE_HOST_DEVICE inline bool within_float(double a, double b) {
  return !(std::abs(a) >= 0x1p100) && !(b >= 0x1p100) && !(b <= 0x1p-100);
}

/// Calls `add(Operation)` for what the first `count` steps do to a column with these parameters: at most as many calls
/// as steps.
template <class Add>
OVERTAKE_HOST_DEVICE void for_each_operation(const Step* steps, std::size_t count, ColumnParameters p, Add&& add) {
  using Kind = Operation::Kind;
  for (std::size_t s = 0; s < count; ++s) {
    const StepKind kind = steps[s].kind;
    const double a = p.a(s), b = p.b(s);
    if (kind == StepKind::clip) {
      add(Operation{Kind::clip, a, b, 0});
    } else if (kind == StepKind::log1p) {
      add(Operation{Kind::log1p, 0, 0, 0});
    } else if (scales(kind)) {
      add(Operation{within_float(a, b) ? Kind::scale : Kind::scale_double, a, b, 0});
    } else if (s + 1 < count && scales(steps[s + 1].kind) && within_float(p.a(s + 1), p.b(s + 1))) {
      // A mean rounded to float32 would show in a column with a large offset.
      ++s;
      const double offset = p.a(s), divisor = p.b(s);
      add(Operation{Kind::fill_scale, offset, divisor, static_cast<float>((a - offset) / divisor)});
    } else {
      add(Operation{Kind::fill, 0, 0, static_cast<float>(a)});
    }
  }
}

}  // namespace overtake
