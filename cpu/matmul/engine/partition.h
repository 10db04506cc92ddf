// SPDX-License-Identifier: Apache-2.0
// How a product is shared out among threads where each of them computes a slice of it alone. Used by openmp.cpp.
#pragma once

#include <algorithm>
#include <cstdint>

#include "cpu/matmul/engine/blocking.h"

namespace overtake {

/// Threads that are worth waking for a product: each gets at least `kLeastCycles` of work, which is about what waking a
/// team and waiting for it costs. The longer of flops at 32 (f64: 16) a cycle and bytes at 8 a cycle.
template <class T>
int useful_threads(std::int64_t m, std::int64_t n, std::int64_t k, int workers) {
  constexpr double kLeastCycles = 5000;
  const auto dm = static_cast<double>(m), dn = static_cast<double>(n), dk = static_cast<double>(k);
  const double flops = 2 * dm * dn * dk / (128.0 / sizeof(T)), bytes = (dm * dk + dk * dn + dm * dn) * sizeof(T) / 8;
  return static_cast<int>(std::clamp(std::max(flops, bytes) / kLeastCycles, 1.0, static_cast<double>(workers)));
}

/// Slices of m, of n or of k. Slices of k are summed at the end, so they are for results that are small.
struct Slices {
  enum class Along { m, n, k } along;
  int count;
  std::int64_t extent, unit;

  std::int64_t begin(int slice) const { return std::min(ceil_div(extent, unit) * slice / count * unit, extent); }
  std::int64_t end(int slice) const { return begin(slice + 1); }
};

/// Slices for `threads` threads, whole tiles but for the last.
template <class T>
Slices slices_for(const TileKernels<T>& kernels, std::int64_t m, std::int64_t n, std::int64_t k, int count) {
  const std::int64_t threads = count;
  constexpr std::int64_t kLeastDepth = 256;
  // Rows in whole tiles where there are enough of them, otherwise as they come.
  const std::int64_t rows = m >= threads * kernels.mr ? kernels.mr : 1;
  const std::int64_t columns = n >= threads * kernels.nr ? kernels.nr : std::max<std::int64_t>(kernels.nr / 2, 1);
  const bool small = m * n <= std::int64_t{64} * 64;
  if (small && k >= threads * kLeastDepth) return {Slices::Along::k, count, k, 8};
  if (m >= n || n < threads * columns) return {Slices::Along::m, count, m, rows};
  return {Slices::Along::n, count, n, columns};
}

}  // namespace overtake
