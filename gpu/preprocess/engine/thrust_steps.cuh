// SPDX-License-Identifier: Apache-2.0
// What Thrust's algorithms are given in preprocess: functions of values, places and categories. For
// gpu/preprocess/engine/thrust_pipeline.cuh.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/workload/pipeline.h"
#include "gpu/cuda/host_device.cuh"
#include "gpu/table/device_table.cuh"

namespace overtake::thrust_steps {

/// One step with its parameters. Columns lie in float32 between steps; a step is computed in double precision.
struct StepOf {
  StepKind kind;
  double a, b_inverse;
  float low, high;

  OVERTAKE_HOST_DEVICE float operator()(float x) const {
    switch (kind) {
      case StepKind::standardise:
      case StepKind::min_max:
        return static_cast<float>((static_cast<double>(x) - a) * b_inverse);
      case StepKind::clip:
        return x < low ? low : x > high ? high : x;
      case StepKind::log1p:
        return log1pf(x);
      case StepKind::impute_mean:
      case StepKind::impute_median:
      case StepKind::impute_most_frequent:
      case StepKind::impute_constant:
        break;
    }
    return x == x ? x : low;
  }

  static StepOf of(StepKind kind, double a, double b) {
    return {kind, a, 1 / b, static_cast<float>(a), static_cast<float>(b)};
  }
};

/// Where row i of a feature lies in a row-major result.
struct PlaceOfRow {
  std::int64_t width, feature;
  OVERTAKE_HOST_DEVICE std::int64_t operator()(std::int64_t row) const { return row * width + feature; }
};

/// Where element i of rows x levels features from `feature` on lies.
struct PlaceOfCategory {
  std::int64_t width, feature, levels;
  OVERTAKE_HOST_DEVICE std::int64_t operator()(std::int64_t i) const {
    return i / levels * width + feature + i % levels;
  }
};

/// A categorical column and which of its categories the fitted rows had.
struct KnownCategories {
  const std::int32_t *codes, *seen;
  std::int32_t levels;
  OVERTAKE_HOST_DEVICE bool knows(std::int32_t code) const { return code >= 0 && code < levels && seen[code] == 1; }
};

struct OneHotOf {
  KnownCategories column;
  OVERTAKE_HOST_DEVICE float operator()(std::int64_t i) const {
    const std::int32_t code = column.codes[i / column.levels];
    return column.knows(code) && code == i % column.levels ? 1.0f : 0.0f;
  }
};

struct OrdinalOf {
  KnownCategories column;
  OVERTAKE_HOST_DEVICE float operator()(std::int32_t code) const {
    return column.knows(code) ? static_cast<float>(code) : kMissingValue;
  }
};

/// A bit for a code below 64.
struct BitOf {
  std::int32_t levels;
  OVERTAKE_HOST_DEVICE std::uint64_t operator()(std::int32_t code) const {
    return code >= 0 && code < levels ? std::uint64_t{1} << code : 0;
  }
};

struct IsCategory {
  std::int32_t levels;
  OVERTAKE_HOST_DEVICE bool operator()(std::int32_t code) const { return code >= 0 && code < levels; }
};

}  // namespace overtake::thrust_steps
