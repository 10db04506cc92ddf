// SPDX-License-Identifier: Apache-2.0
#include "cpu/matmul/engine/tile_kernels.h"

#include <algorithm>
#include <cstring>

// Vectors of unknown size (SVE, RVV) cannot stand in arrays, which the tile needs: NEON serves on those CPUs.
#include "hwy/detect_targets.h"
#if HWY_ARCH_ARM
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/matmul/engine/tile_kernels.cpp"
#include "hwy/foreach_target.h"
// foreach_target.h has to come first
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace overtake::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Rows and vectors of the tile: accumulators, one row of B and one broadcast of A must fit the registers, and there
// must be enough accumulators to hide the latency of the units (2 units x 4 cycles, 4 x 4 on large ARM cores).
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL  // 32 registers
inline constexpr int kRows = 14, kVectors = 2;
#elif HWY_TARGET == HWY_AVX2  // 16 registers
inline constexpr int kRows = 6, kVectors = 2;
#elif HWY_TARGET == HWY_NEON  // 32 registers on AArch64
inline constexpr int kRows = 8, kVectors = 3;
#else                         // 16 registers and no fused multiply-add, which takes one more
inline constexpr int kRows = 4, kVectors = 2;
#endif

template <class T>
constexpr std::int64_t columns() {
  return kVectors * static_cast<std::int64_t>(hn::MaxLanes(hn::ScalableTag<T>()));
}

template <class T>
HWY_INLINE void tile(const T* HWY_RESTRICT a, const T* HWY_RESTRICT b, std::int64_t k, T* c, std::int64_t stride,
                     bool accumulate) {
  const hn::ScalableTag<T> d;
  constexpr std::int64_t kLanes = columns<T>() / kVectors;
  using V = hn::Vec<decltype(d)>;
  V sum[kRows][kVectors];
  HWY_UNROLL(16)
  for (int i = 0; i < kRows; ++i)
    for (int j = 0; j < kVectors; ++j) sum[i][j] = hn::Zero(d);

  HWY_UNROLL(2)
  for (std::int64_t l = 0; l < k; ++l) {
    V row[kVectors];
    for (int j = 0; j < kVectors; ++j) row[j] = hn::Load(d, b + j * kLanes);
    HWY_UNROLL(16)
    for (int i = 0; i < kRows; ++i) {
      const V broadcast = hn::Set(d, a[i]);
      for (int j = 0; j < kVectors; ++j) sum[i][j] = hn::MulAdd(broadcast, row[j], sum[i][j]);
    }
    a += kRows;
    b += kVectors * kLanes;
  }

  HWY_UNROLL(16)
  for (int i = 0; i < kRows; ++i)
    for (int j = 0; j < kVectors; ++j) {
      T* to = c + i * stride + j * kLanes;
      hn::StoreU(accumulate ? hn::Add(hn::LoadU(d, to), sum[i][j]) : sum[i][j], d, to);
    }
}

// A tile that reaches over the edge of C: computed beside it, then the part inside is copied.
template <class T>
HWY_NOINLINE void edge_tile(const T* a, const T* b, std::int64_t k, View<T> c, bool accumulate) {
  constexpr std::int64_t kColumns = columns<T>();
  HWY_ALIGN T whole[kRows * kColumns];
  tile(a, b, k, whole, kColumns, false);
  for (std::int64_t i = 0; i < c.rows; ++i)
    for (std::int64_t j = 0; j < c.cols; ++j) {
      const T value = whole[i * kColumns + j];
      c(i, j) = accumulate ? c(i, j) + value : value;
    }
}

template <class T>
void multiply(const T* packed_a, const T* packed_b, std::int64_t k, View<T> c, bool accumulate) {
  constexpr std::int64_t kColumns = columns<T>();
  for (std::int64_t j = 0; j < c.cols; j += kColumns) {
    for (std::int64_t i = 0; i < c.rows; i += kRows) {
      const T* a = packed_a + i * k;
      const T* b = packed_b + j * k;
      if (i + kRows <= c.rows && j + kColumns <= c.cols)
        tile(a, b, k, &c(i, j), c.stride, accumulate);
      else
        edge_tile<T>(a, b, k,
                     {&c(i, j), std::min<std::int64_t>(kRows, c.rows - i), std::min(kColumns, c.cols - j), c.stride},
                     accumulate);
    }
  }
}

template <class T>
void pack_a(View<const T> a, T* packed) {
  for (std::int64_t first = 0; first < a.rows; first += kRows) {
    const std::int64_t rows = std::min<std::int64_t>(kRows, a.rows - first);
    for (std::int64_t i = 0; i < kRows; ++i) {
      const T* from = a.row(first + std::min(i, rows - 1));
      if (i < rows)
        for (std::int64_t l = 0; l < a.cols; ++l) packed[l * kRows + i] = from[l];
      else
        for (std::int64_t l = 0; l < a.cols; ++l) packed[l * kRows + i] = 0;
    }
    packed += kRows * a.cols;
  }
}

template <class T>
void pack_b(View<const T> b, T* packed) {
  constexpr std::int64_t kColumns = columns<T>();
  // Row by row of B, so that whole rows are read in order; each fills its line of every panel.
  const std::int64_t panel = kColumns * b.rows;
  for (std::int64_t l = 0; l < b.rows; ++l) {
    const T* from = b.row(l);
    T* to = packed + l * kColumns;
    std::int64_t j = 0;
    for (; j + kColumns <= b.cols; j += kColumns, to += panel) std::memcpy(to, from + j, kColumns * sizeof(T));
    if (j < b.cols) {
      std::copy(from + j, from + b.cols, to);
      std::fill(to + (b.cols - j), to + kColumns, T{0});
    }
  }
}

template <class T>
TileKernels<T> kernels() {
  return {hwy::TargetName(HWY_TARGET), kRows, columns<T>(), pack_a<T>, pack_b<T>, multiply<T>};
}

TileKernels<float> kernels_f32() { return kernels<float>(); }
TileKernels<double> kernels_f64() { return kernels<double>(); }

}  // namespace overtake::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace overtake {

HWY_EXPORT(kernels_f32);
HWY_EXPORT(kernels_f64);

template <>
TileKernels<float> tile_kernels<float>() {
  return HWY_DYNAMIC_DISPATCH(kernels_f32)();
}
template <>
TileKernels<double> tile_kernels<double>() {
  return HWY_DYNAMIC_DISPATCH(kernels_f64)();
}

}  // namespace overtake
#endif  // HWY_ONCE
