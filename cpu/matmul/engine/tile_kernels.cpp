// SPDX-License-Identifier: Apache-2.0
#include "cpu/matmul/engine/tile_kernels.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

// Vectors of unknown size (SVE, RVV) cannot stand in arrays, which the tile needs: NEON serves on those CPUs. SSSE3
// has nothing over SSE2 for this work, nor AVX3_DL over AVX3: not compiled.
#include "hwy/detect_targets.h"
#undef HWY_DISABLED_TARGETS
#if HWY_ARCH_ARM
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#else
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/matmul/engine/tile_kernels.cpp"
#include "hwy/foreach_target.h"
// foreach_target.h has to come first
#include "hwy/highway.h"
// after highway.h, once for each target
#include "cpu/matmul/engine/micro_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace overtake::HWY_NAMESPACE {

// Four columns of two rows of A, which become four pairs of the panel.
template <class T>
HWY_INLINE void pack_pair(const T* first, const T* second, T* to) {
#if HWY_TARGET == HWY_SCALAR
  for (std::int64_t l = 0; l < 4; ++l, to += kRows) {
    to[0] = first[l];
    to[1] = second[l];
  }
#else
  const hn::Full128<T> d;
  const hn::Half<decltype(d)> half;
  constexpr std::int64_t kLanes = 16 / sizeof(T);
  for (std::int64_t l = 0; l < 4; l += kLanes) {
    const auto a = hn::LoadU(d, first + l), b = hn::LoadU(d, second + l);
    const auto low = hn::InterleaveLower(d, a, b), high = hn::InterleaveUpper(d, a, b);
    T* at = to + l * kRows;
    if constexpr (kLanes == 2) {
      hn::StoreU(low, d, at);
      hn::StoreU(high, d, at + kRows);
    } else {
      hn::StoreU(hn::LowerHalf(half, low), half, at);
      hn::StoreU(hn::UpperHalf(half, low), half, at + kRows);
      hn::StoreU(hn::LowerHalf(half, high), half, at + 2 * kRows);
      hn::StoreU(hn::UpperHalf(half, high), half, at + 3 * kRows);
    }
  }
#endif
}

template <class T>
void pack_a(View<const T> a, T* packed) {
  static_assert(kRows % 2 == 0, "rows are packed in pairs");
  for (std::int64_t first = 0; first < a.rows; first += kRows, packed += kRows * a.cols) {
    const std::int64_t rows = std::min<std::int64_t>(kRows, a.rows - first);
    std::int64_t l = 0;
    if (rows == kRows)
      for (; l + 4 <= a.cols; l += 4)
        for (std::int64_t i = 0; i < kRows; i += 2)
          pack_pair(a.row(first + i) + l, a.row(first + i + 1) + l, packed + l * kRows + i);
    for (; l < a.cols; ++l) {
      for (std::int64_t i = 0; i < rows; ++i) packed[l * kRows + i] = a(first + i, l);
      std::fill(packed + l * kRows + rows, packed + (l + 1) * kRows, T{0});
    }
  }
}

template <class T>
void pack_b(View<const T> b, T* packed) {
  constexpr std::int64_t kColumns = columns<T>();
  const hn::ScalableTag<T> d;
  // A few panels at a time: whole lines of B are read in order, and the writes go to few places.
  constexpr std::int64_t kPanels = 8, kAhead = 8;
  const std::int64_t panel = kColumns * b.rows;
  for (std::int64_t first = 0; first < b.cols; first += kPanels * kColumns, packed += kPanels * panel) {
    const std::int64_t end = std::min(first + kPanels * kColumns, b.cols);
    for (std::int64_t l = 0; l < b.rows; ++l) {
      const T* from = b.row(l);
      // Rows lie too far apart for the CPU to foresee the next.
      if (l + kAhead < b.rows)
        for (std::int64_t line = first; line < end; line += 64 / static_cast<std::int64_t>(sizeof(T)))
          hwy::Prefetch(b.row(l + kAhead) + line);
      T* to = packed + l * kColumns;
      std::int64_t j = first;
      for (; j + kColumns <= end; j += kColumns, to += panel)
        for (std::int64_t v = 0; v < kColumns; v += lanes<T>()) hn::Store(hn::LoadU(d, from + j + v), d, to + v);
      if (j < end) {
        std::copy(from + j, from + end, to);
        std::fill(to + (end - j), to + kColumns, T{0});
      }
    }
  }
}

// Blocks of c that stay in the first-level cache; rows of B eight at a time, so that c is read and written once for
// eight, and memory is read in eight streams.
template <class T>
void row_times_matrix(const T* a, View<const T> b, T* c, bool accumulate) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::int64_t kBlock = 8192 / sizeof(T), kStreams = 8;
  for (std::int64_t first = 0; first < b.cols; first += kBlock) {
    const std::int64_t end = std::min(first + kBlock, b.cols);
    if (!accumulate) std::fill(c + first, c + end, T{0});
    std::int64_t l = 0;
    for (; l + kStreams <= b.rows; l += kStreams) {
      V factor[kStreams];
      for (int s = 0; s < kStreams; ++s) factor[s] = hn::Set(d, a[l + s]);
      const T* from = b.row(l);
      std::int64_t j = first;
      for (; j + lanes<T>() <= end; j += lanes<T>()) {
        V even = hn::LoadU(d, c + j), odd = hn::Zero(d);
        for (int s = 0; s < kStreams; s += 2) {
          even = hn::MulAdd(factor[s], hn::LoadU(d, from + s * b.stride + j), even);
          odd = hn::MulAdd(factor[s + 1], hn::LoadU(d, from + (s + 1) * b.stride + j), odd);
        }
        hn::StoreU(hn::Add(even, odd), d, c + j);
      }
      for (; j < end; ++j)
        for (int s = 0; s < kStreams; ++s) c[j] += a[l + s] * from[s * b.stride + j];
    }
    for (; l < b.rows; ++l)
      for (std::int64_t j = first; j < end; ++j) c[j] += a[l] * b(l, j);
  }
}

// Four rows of A at a time, two sums each.
template <int kR, class T>
HWY_INLINE void rows_times_column(View<const T> a, std::int64_t first, const T* b, T (&out)[kR]) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  V even[kR], odd[kR];
  for (int i = 0; i < kR; ++i) even[i] = odd[i] = hn::Zero(d);
  const T* from = a.row(first);
  std::int64_t l = 0;
  for (; l + 2 * lanes<T>() <= a.cols; l += 2 * lanes<T>()) {
    const V b0 = hn::LoadU(d, b + l), b1 = hn::LoadU(d, b + l + lanes<T>());
    for (int i = 0; i < kR; ++i) {
      even[i] = hn::MulAdd(hn::LoadU(d, from + i * a.stride + l), b0, even[i]);
      odd[i] = hn::MulAdd(hn::LoadU(d, from + i * a.stride + l + lanes<T>()), b1, odd[i]);
    }
  }
  for (int i = 0; i < kR; ++i) {
    T sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(even[i], odd[i])));
    for (std::int64_t rest = l; rest < a.cols; ++rest) sum += from[i * a.stride + rest] * b[rest];
    out[i] = sum;
  }
}

template <class T>
void matrix_times_column(View<const T> a, const T* b, T* c, std::int64_t stride, bool accumulate) {
  const auto put = [&](std::int64_t i, T sum) { c[i * stride] = accumulate ? c[i * stride] + sum : sum; };
  std::int64_t i = 0;
  for (; i + 4 <= a.rows; i += 4) {
    T sums[4];
    rows_times_column(a, i, b, sums);
    for (int r = 0; r < 4; ++r) put(i + r, sums[r]);
  }
  for (; i < a.rows; ++i) {
    T sum[1];
    rows_times_column(a, i, b, sum);
    put(i, sum[0]);
  }
}

template <class T>
void column_times_row(const T* a, std::int64_t a_stride, const T* b, View<T> c) {
  const hn::ScalableTag<T> d;
  // What no cache can hold is written past them, which saves reading it first.
  constexpr std::int64_t kPastCaches = 32 << 20;
  const bool past = c.rows * c.stride * static_cast<std::int64_t>(sizeof(T)) > kPastCaches;
  for (std::int64_t i = 0; i < c.rows; ++i) {
    const T factor = a[i * a_stride];
    const auto factors = hn::Set(d, factor);
    T* to = c.row(i);
    std::int64_t j = 0;
    const auto begin = reinterpret_cast<std::uintptr_t>(to) / sizeof(T) % lanes<T>();
    for (const auto first = std::min((lanes<T>() - static_cast<std::int64_t>(begin)) % lanes<T>(), c.cols); j < first;
         ++j)
      to[j] = factor * b[j];
    if (past)
      for (; j + lanes<T>() <= c.cols; j += lanes<T>()) hn::Stream(hn::Mul(factors, hn::LoadU(d, b + j)), d, to + j);
    else
      for (; j + lanes<T>() <= c.cols; j += lanes<T>()) hn::Store(hn::Mul(factors, hn::LoadU(d, b + j)), d, to + j);
    for (; j < c.cols; ++j) to[j] = factor * b[j];
  }
  if (past) hwy::FlushStream();
}

template <class T>
const TileKernels<T>& kernels() {
  static const TileKernels<T> kKernels = {hwy::TargetName(HWY_TARGET),
                                          kRows,
                                          columns<T>(),
                                          pack_a<T>,
                                          pack_b<T>,
                                          multiply<T>,
                                          multiply_packed_b<T>,
                                          multiply_unpacked<T>,
                                          row_times_matrix<T>,
                                          matrix_times_column<T>,
                                          column_times_row<T>};
  return kKernels;
}

const TileKernels<float>& kernels_f32() { return kernels<float>(); }
const TileKernels<double>& kernels_f64() { return kernels<double>(); }

}  // namespace overtake::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace overtake {

HWY_EXPORT(kernels_f32);
HWY_EXPORT(kernels_f64);

template <>
const TileKernels<float>& tile_kernels<float>() {
  return HWY_DYNAMIC_DISPATCH(kernels_f32)();
}
template <>
const TileKernels<double>& tile_kernels<double>() {
  return HWY_DYNAMIC_DISPATCH(kernels_f64)();
}

}  // namespace overtake
#endif  // HWY_ONCE
