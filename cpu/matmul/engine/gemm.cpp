// SPDX-License-Identifier: Apache-2.0
#include "cpu/matmul/engine/gemm.h"

#include <algorithm>

#include "cpu/matmul/engine/scratch.h"

namespace overtake {

template <class T>
void fill_zero(View<T> c) {
  for (std::int64_t i = 0; i < c.rows; ++i) std::fill_n(c.row(i), c.cols, T{0});
}

namespace {

// m = 1 or n = 1: nothing is used twice but the vector, so only the speed of reading counts.
template <class T>
void multiply_vector(const TileKernels<T>& kernels, View<const T> a, View<const T> b, View<T> c) {
  if (c.rows == 1) return kernels.row_times_matrix(a.data, b, c.data, false);
  if (b.stride == 1) return kernels.matrix_times_column(a, b.data, c.data, c.stride, false);
  constexpr std::int64_t kBlock = 1024;
  alignas(64) T column[kBlock];
  for (std::int64_t l = 0; l < a.cols; l += kBlock) {
    const std::int64_t depth = std::min(kBlock, a.cols - l);
    for (std::int64_t i = 0; i < depth; ++i) column[i] = b(l + i, 0);
    kernels.matrix_times_column({&a(0, l), a.rows, depth, a.stride}, column, c.data, c.stride, l > 0);
  }
}

}  // namespace

template <class T>
void gemm_serial(View<const T> a, View<const T> b, View<T> c) {
  const std::int64_t m = c.rows, n = c.cols, k = a.cols;
  if (m == 0 || n == 0) return;
  if (k == 0) return fill_zero(c);
  const TileKernels<T>& kernels = tile_kernels<T>();
  if (m == 1 || n == 1) return multiply_vector(kernels, a, b, c);
  if (k == 1 && n >= kernels.nr) return kernels.column_times_row(a.data, a.stride, b.data, c);
  const Packing packing = packing_for(kernels, n, k);
  if (packing == Packing::none) return gemm_unpacked(a, b, c);
  gemm_packed(a, b, c, blocking_for(kernels, m, n, k), packing);
}

template <class T>
void gemm_unpacked(View<const T> a, View<const T> b, View<T> c) {
  if (c.size() == 0) return;
  if (a.cols == 0) return fill_zero(c);
  // At most so many products are added one after another: rounding errors grow with the length of such a run.
  constexpr std::int64_t kMostDepth = 256;
  const std::int64_t kc = round_up(ceil_div(a.cols, ceil_div(a.cols, kMostDepth)), 2);
  const TileKernels<T>& kernels = tile_kernels<T>();
  thread_local Scratch<T> scratch;
  T* panel = scratch.at_least(static_cast<std::size_t>(kernels.nr * kMostDepth));
  for (std::int64_t l = 0; l < a.cols; l += kc) {
    const std::int64_t depth = std::min(kc, a.cols - l);
    kernels.multiply_unpacked({&a(0, l), c.rows, depth, a.stride}, {&b(l, 0), depth, c.cols, b.stride}, c, l > 0,
                              panel);
  }
}

namespace {

// A where it lies. Rows outside and depth inside, for as many blocks of B as fit: a row of A is read in long runs,
// instead of one block of k in every row before the next, each a new page and no pattern that the CPU foresees.
// Long runs are worth more than a B that fits the second-level cache.
template <class T>
void gemm_packed_b(View<const T> a, View<const T> b, View<T> c, const Blocking& blocking) {
  constexpr std::int64_t kMostOfB = 1 << 20;
  const std::int64_t m = c.rows, n = c.cols, k = a.cols;
  const auto [mc, nc, kc] = blocking;
  const TileKernels<T>& kernels = tile_kernels<T>();
  const std::int64_t width = round_up(std::min(nc, n), kernels.nr), bytes = width * kc * std::int64_t{sizeof(T)};
  const std::int64_t depth = std::max<std::int64_t>(kMostOfB / bytes, 1) * kc;
  thread_local Scratch<T> scratch;
  T* packed = scratch.at_least(static_cast<std::size_t>(width * std::min(depth, k)));
  for (std::int64_t first = 0; first < k; first += depth) {
    const std::int64_t end = std::min(first + depth, k);
    for (std::int64_t j = 0; j < n; j += nc) {
      const std::int64_t columns = std::min(nc, n - j);
      for (std::int64_t l = first; l < end; l += kc)
        kernels.pack_b({&b(l, j), std::min(kc, end - l), columns, b.stride}, packed + (l - first) * width);
      for (std::int64_t i = 0, rows = 0; i < m; i += rows) {
        // The last two tiles share what is left: the kernel does so where it is given both.
        rows = m - i < 2 * kernels.mr ? m - i : kernels.mr;
        for (std::int64_t l = first; l < end; l += kc)
          kernels.multiply_packed_b({&a(i, l), rows, std::min(kc, end - l), a.stride}, packed + (l - first) * width,
                                    {&c(i, j), rows, columns, c.stride}, l > 0);
      }
    }
  }
}

}  // namespace

template <class T>
void gemm_packed(View<const T> a, View<const T> b, View<T> c, const Blocking& blocking, Packing packing) {
  const std::int64_t m = c.rows, n = c.cols, k = a.cols;
  if (m == 0 || n == 0) return;
  if (k == 0) return fill_zero(c);
  if (packing != Packing::both) return gemm_packed_b(a, b, c, blocking);
  const auto [mc, nc, kc] = blocking;
  const TileKernels<T>& kernels = tile_kernels<T>();
  thread_local Scratch<T> scratch_a, scratch_b;
  T* packed_a = scratch_a.at_least(static_cast<std::size_t>(round_up(std::min(mc, m), kernels.mr) * std::min(kc, k)));
  T* packed_b = scratch_b.at_least(static_cast<std::size_t>(round_up(std::min(nc, n), kernels.nr) * std::min(kc, k)));
  // k outside, so that a single block of rows is packed once for all columns.
  for (std::int64_t l = 0; l < k; l += kc) {
    const std::int64_t depth = std::min(kc, k - l);
    if (m <= mc) kernels.pack_a({&a(0, l), m, depth, a.stride}, packed_a);
    for (std::int64_t j = 0; j < n; j += nc) {
      const std::int64_t columns = std::min(nc, n - j);
      kernels.pack_b({&b(l, j), depth, columns, b.stride}, packed_b);
      for (std::int64_t i = 0; i < m; i += mc) {
        const std::int64_t rows = std::min(mc, m - i);
        if (m > mc) kernels.pack_a({&a(i, l), rows, depth, a.stride}, packed_a);
        kernels.multiply(packed_a, packed_b, depth, {&c(i, j), rows, columns, c.stride}, l > 0);
      }
    }
  }
}

template void fill_zero(View<float>);
template void fill_zero(View<double>);
template void gemm_serial(View<const float>, View<const float>, View<float>);
template void gemm_serial(View<const double>, View<const double>, View<double>);
template void gemm_unpacked(View<const float>, View<const float>, View<float>);
template void gemm_packed(View<const float>, View<const float>, View<float>, const Blocking&, Packing);
template void gemm_unpacked(View<const double>, View<const double>, View<double>);
template void gemm_packed(View<const double>, View<const double>, View<double>, const Blocking&, Packing);

}  // namespace overtake
