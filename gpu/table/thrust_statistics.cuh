// SPDX-License-Identifier: Apache-2.0
// Figures of one column in terms of Thrust alone, a pass each. For the variants `thrust` of preprocess and summarize;
// tests run it on Thrust's OpenMP backend.
#pragma once

#include <thrust/transform_reduce.h>

#include <cmath>
#include <cstdint>

#include "core/workload/statistics.h"
#include "gpu/cuda/host_device.cuh"

namespace overtake::of_column {

struct IsNumber {
  OVERTAKE_HOST_DEVICE bool operator()(float x) const { return x == x; }
};

/// A sum and what its roundings took: values that are alike behind one that is large would all be rounded the same way,
/// where a library adds them in order. D. Knuth, The Art of Computer Programming 2, section 4.2.2, theorem B.
struct Sum {
  double high = 0, low = 0;
  OVERTAKE_HOST_DEVICE double value() const { return high + low; }
};
struct BothSums {
  OVERTAKE_HOST_DEVICE Sum operator()(const Sum& a, const Sum& b) const {
    const double sum = a.high + b.high, of_b = sum - a.high;
    return {sum, (a.high - (sum - of_b)) + (b.high - of_b) + a.low + b.low};
  }
};

/// Count, sum and extremes of the values that are not missing.
struct Extent {
  std::int64_t count = 0;
  Sum sum;
  double min = Statistics::kInfinity, max = -Statistics::kInfinity;
};
struct ExtentOf {
  OVERTAKE_HOST_DEVICE Extent operator()(float value) const {
    const auto x = static_cast<double>(value);
    return value == value ? Extent{1, {x, 0}, x, x} : Extent{};
  }
};
struct BothExtents {
  OVERTAKE_HOST_DEVICE Extent operator()(const Extent& a, const Extent& b) const {
    return {a.count + b.count, BothSums{}(a.sum, b.sum), a.min < b.min ? a.min : b.min, a.max > b.max ? a.max : b.max};
  }
};

/// Squared difference from the mean, of values that are not missing.
struct SquareAbout {
  double mean;
  OVERTAKE_HOST_DEVICE Sum operator()(float value) const {
    const double difference = static_cast<double>(value) - mean;
    return {value == value ? difference * difference : 0, 0};
  }
};

/// One pass.
template <class Policy>
Statistics extent(const Policy& policy, const float* x, std::int64_t rows) {
  const Extent e = thrust::transform_reduce(policy, x, x + rows, ExtentOf{}, Extent{}, BothExtents{});
  if (e.count == 0) return {};
  return settled({e.count, e.sum.value() / static_cast<double>(e.count), 0, e.min, e.max});
}

/// Two passes, the second about the mean of the first.
template <class Policy>
Statistics moments(const Policy& policy, const float* x, std::int64_t rows) {
  Statistics s = extent(policy, x, rows);
  if (s.count == 0) return s;
  s.squares = thrust::transform_reduce(policy, x, x + rows, SquareAbout{s.mean}, Sum{}, BothSums{}).value();
  return settled(s);
}

}  // namespace overtake::of_column
