// SPDX-License-Identifier: Apache-2.0
// The histogram of a column on the GPU: which float32 values are at least an edge, and how many of a reading's are. For
// both variants of summarize.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/workload/statistics.h"
#include "core/workload/summarize.h"
#include "gpu/cuda/host_device.cuh"
#include "gpu/table/device_table.cuh"

namespace overtake {

struct Bins {
  static constexpr int kBins = Summarize::kBins, kInner = kBins - 1;

  /// x is at least this value exactly where, as a double, it is at least inner edge k (1 to 9) of the histogram of a
  /// column with these extremes (Summarize::bin_edges).
  OVERTAKE_HOST_DEVICE static float threshold(int k, double min, double max) {
    const bool constant = min == max;
    const double low = constant ? min - 0.5 : min, high = constant ? max + 0.5 : max;
    const double edge = rounded_product(k, (high - low) / kBins) + low;
    const auto near = static_cast<float>(edge);
    return static_cast<double>(near) < edge ? nextafterf(near, kInfiniteValue) : near;
  }

 private:
  // nvcc would make one operation with one rounding of it and the sum behind it.
  OVERTAKE_HOST_DEVICE static double rounded_product(double a, double b) {
#if defined(__CUDA_ARCH__)
    return __dmul_rn(a, b);
#else
    return a * b;
#endif
  }
};

/// What a reading that counts digits finds out besides: how many values are at least each inner edge.
/// at_least: kInner places a column.
struct CountBins {
  static constexpr std::size_t kSharedBytes = sizeof(double) * ((Bins::kInner + 1) / 2);
  struct Mine {
    float thresholds[Bins::kInner];
    unsigned counts[Bins::kInner];
  };

  const Statistics* columns;
  unsigned long long* at_least;

  template <class Block>
  OVERTAKE_DEVICE void begin(const Block& block, std::int64_t column, unsigned char* shared, Mine& mine) const {
    const Statistics s = columns[column];
    OVERTAKE_UNROLL
    for (int k = 0; k < Bins::kInner; ++k) {
      mine.thresholds[k] = infinite(s) || s.count == 0 ? kMissingValue : Bins::threshold(k + 1, s.min, s.max);
      mine.counts[k] = 0;
    }
    // Barriers follow before anyone adds to it.
    if (block.thread() < Bins::kInner) reinterpret_cast<unsigned*>(shared)[block.thread()] = 0;
  }

  OVERTAKE_DEVICE void add(float x, Mine& mine) const {
    OVERTAKE_UNROLL
    for (int k = 0; k < Bins::kInner; ++k) mine.counts[k] += x >= mine.thresholds[k] ? 1 : 0;
  }

  template <class Block>
  OVERTAKE_DEVICE void finish(const Block& block, std::int64_t column, unsigned char* shared, const Mine& mine) const {
    auto* counts = reinterpret_cast<unsigned*>(shared);
    OVERTAKE_UNROLL
    for (int k = 0; k < Bins::kInner; ++k) block.add_to(&counts[k], mine.counts[k]);
    block.sync();
    if (block.thread() < Bins::kInner)
      block.add_to(&at_least[column * Bins::kInner + block.thread()], counts[block.thread()]);
  }
};

}  // namespace overtake
