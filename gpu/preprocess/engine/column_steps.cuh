// SPDX-License-Identifier: Apache-2.0
// What the steps of a pipeline do to a column, as the fused kernels carry it out: float32 with the rounding of the
// parameters made good, as cpu/preprocess does. Used by the kernels of fit and apply.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/workload/operations.h"
#include "gpu/cuda/host_device.cuh"
#include "gpu/table/device_table.cuh"

namespace overtake {

/// An Operation (core/workload/operations.h) with its scaler's offset and factor as sums of two floats.
struct ColumnStep {
  Operation::Kind kind;
  float fill;           // fill, fill_scale: what a missing value becomes
  float a_high, a_low;  // clip: the bounds
  float factor_high, factor_low;
  double a, factor;  // scale_double

  OVERTAKE_HOST_DEVICE static ColumnStep of(const Operation& operation) {
    ColumnStep s{operation.kind, operation.c, 0, 0, 0, 0, operation.a, 1 / operation.b};
    if (operation.kind == Operation::Kind::clip) {
      s.a_high = static_cast<float>(operation.a);
      s.a_low = static_cast<float>(operation.b);
      return s;
    }
    s.a_high = static_cast<float>(s.a);
    s.a_low = static_cast<float>(s.a - static_cast<double>(s.a_high));
    s.factor_high = static_cast<float>(s.factor);
    s.factor_low = static_cast<float>(s.factor - static_cast<double>(s.factor_high));
    return s;
  }

  /// Two roundings in the differences and one in the product.
  OVERTAKE_DEVICE float scaled(float x) const {
    const float difference = x - a_high - a_low;
    const float y = fmaf(difference, factor_high, difference * factor_low);
    // An infinite difference meets factors of either sign.
    return y == y ? y : difference * factor_high;
  }

  OVERTAKE_DEVICE float operator()(float x) const {
    switch (kind) {
      case Operation::Kind::fill:
        return x == x ? x : fill;
      case Operation::Kind::scale:
        return scaled(x);
      case Operation::Kind::fill_scale:
        return x == x ? scaled(x) : fill;
      case Operation::Kind::scale_double:
        return static_cast<float>((static_cast<double>(x) - a) * factor);
      case Operation::Kind::clip:
        // Comparisons with NaN are false, so that it stays.
        return x < a_high ? a_high : x > a_low ? a_low : x;
      case Operation::Kind::log1p:
        return log1pf(x);  // within 1 unit in the last place (CUDA C++ Programming Guide, mathematical functions)
    }
    return x;
  }
};

/// Those of all columns: `most` places a column, of which counts[column] are in use.
struct ColumnSteps {
  ColumnStep* steps;
  std::int32_t* counts;
  std::int64_t most;

  OVERTAKE_HOST_DEVICE ColumnStep* of(std::int64_t column) const { return steps + column * most; }

  /// Sets a column's to what the first `count` steps of a pipeline do.
  OVERTAKE_HOST_DEVICE void set(std::int64_t column, const Step* pipeline, std::size_t count,
                                ColumnParameters parameters) const {
    Writer writer{of(column), 0};
    for_each_operation(pipeline, count, parameters, writer);
    counts[column] = writer.count;
  }

 private:
  struct Writer {
    ColumnStep* to;
    std::int32_t count;
    OVERTAKE_HOST_DEVICE void operator()(const Operation& operation) { to[count++] = ColumnStep::of(operation); }
  };
};

/// What a reading of a column goes through first: the steps so far.
struct AfterSteps {
  ColumnSteps steps;

  OVERTAKE_DEVICE void operator()(std::int64_t column, float (&values)[Chunks::kValues]) const {
    const ColumnStep* of_column = steps.of(column);
    for (int s = 0; s < steps.counts[column]; ++s) {
      const ColumnStep step = of_column[s];
      OVERTAKE_UNROLL
      for (int i = 0; i < Chunks::kValues; ++i) values[i] = step(values[i]);
    }
  }
};

}  // namespace overtake
