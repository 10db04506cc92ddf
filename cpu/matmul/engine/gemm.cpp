// SPDX-License-Identifier: Apache-2.0
#include "cpu/matmul/engine/gemm.h"

#include <algorithm>

#include "cpu/matmul/engine/scratch.h"

namespace overtake {

template <class T>
void fill_zero(View<T> c) {
  for (std::int64_t i = 0; i < c.rows; ++i) std::fill_n(c.row(i), c.cols, T{0});
}

template <class T>
void gemm_serial(View<const T> a, View<const T> b, View<T> c) {
  gemm_serial(a, b, c, blocking_for(tile_kernels<T>(), c.rows, c.cols, a.cols));
}

template <class T>
void gemm_serial(View<const T> a, View<const T> b, View<T> c, const Blocking& blocking) {
  const std::int64_t m = c.rows, n = c.cols, k = a.cols;
  if (m == 0 || n == 0) return;
  if (k == 0) return fill_zero(c);
  const auto [mc, nc, kc] = blocking;
  const TileKernels<T> kernels = tile_kernels<T>();
  thread_local Scratch<T> scratch_a, scratch_b;
  T* packed_a = scratch_a.at_least(static_cast<std::size_t>(round_up(std::min(mc, m), kernels.mr) * std::min(kc, k)));
  T* packed_b = scratch_b.at_least(static_cast<std::size_t>(round_up(std::min(nc, n), kernels.nr) * std::min(kc, k)));
  for (std::int64_t j = 0; j < n; j += nc) {
    const std::int64_t columns = std::min(nc, n - j);
    for (std::int64_t l = 0; l < k; l += kc) {
      const std::int64_t depth = std::min(kc, k - l);
      kernels.pack_b({&b(l, j), depth, columns, b.stride}, packed_b);
      for (std::int64_t i = 0; i < m; i += mc) {
        const std::int64_t rows = std::min(mc, m - i);
        kernels.pack_a({&a(i, l), rows, depth, a.stride}, packed_a);
        kernels.multiply(packed_a, packed_b, depth, {&c(i, j), rows, columns, c.stride}, l > 0);
      }
    }
  }
}

template void fill_zero(View<float>);
template void fill_zero(View<double>);
template void gemm_serial(View<const float>, View<const float>, View<float>);
template void gemm_serial(View<const double>, View<const double>, View<double>);
template void gemm_serial(View<const float>, View<const float>, View<float>, const Blocking&);
template void gemm_serial(View<const double>, View<const double>, View<double>, const Blocking&);

}  // namespace overtake
