// SPDX-License-Identifier: Apache-2.0
// The register tile of the blocked product, for tile_kernels.cpp, which includes this once for each instruction set.

#if defined(OVERTAKE_MICRO_KERNEL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef OVERTAKE_MICRO_KERNEL_INL_H
#undef OVERTAKE_MICRO_KERNEL_INL_H
#else
#define OVERTAKE_MICRO_KERNEL_INL_H
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "core/memory/view.h"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace overtake::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Rows and vectors of the tile: accumulators, one row of B and one broadcast of A must fit the registers, and there
// must be enough accumulators to hide the latency of the units (2 units x 4 cycles, 4 x 4 on large ARM cores).
// kMasks: loads and stores of part of a vector touch nothing else and cost nothing.
#if HWY_TARGET == HWY_AVX3  // 32 registers
inline constexpr int kRows = 14, kVectors = 2;
inline constexpr bool kMasks = true;
#elif HWY_TARGET == HWY_AVX2  // 16 registers
inline constexpr int kRows = 6, kVectors = 2;
inline constexpr bool kMasks = false;
#elif HWY_TARGET == HWY_NEON  // 32 registers on AArch64
inline constexpr int kRows = 8, kVectors = 3;
inline constexpr bool kMasks = false;
#else                         // 16 registers and no fused multiply-add, which takes one more
inline constexpr int kRows = 4, kVectors = 2;
inline constexpr bool kMasks = false;
#endif

template <class T>
constexpr std::int64_t lanes() {
  return static_cast<std::int64_t>(hn::MaxLanes(hn::ScalableTag<T>()));
}
template <class T>
constexpr std::int64_t columns() {
  return kVectors * lanes<T>();
}

// Element (i, l) of A is at a + i * row_step + l * k_step, row l of B at b + l * stride.
template <class T>
struct Operands {
  const T* a;
  std::int64_t a_row_step, a_k_step;
  const T* b;
  std::int64_t b_stride;
  std::int64_t k;
};

// Where the tile goes. `last`: columns of its last vector that belong to it.
template <class T>
struct Target {
  T* c;
  std::int64_t stride, last;
  bool accumulate;
};

// Of less than a vector without touching more.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
inline constexpr bool kMaskedMemory = true;
#else
inline constexpr bool kMaskedMemory = false;
#endif

template <class T, class D, class V>
HWY_INLINE void store_part(V sum, D d, T* to, std::int64_t count, bool accumulate) {
  if constexpr (kMaskedMemory) {
    const auto mask = hn::FirstN(d, static_cast<std::size_t>(count));
    hn::BlendedStore(accumulate ? hn::Add(hn::MaskedLoad(mask, d, to), sum) : sum, mask, d, to);
  } else {
    HWY_ALIGN T part[lanes<T>()];
    hn::Store(sum, d, part);
    for (std::int64_t j = 0; j < count; ++j) to[j] = accumulate ? to[j] + part[j] : part[j];
  }
}

// The pointers that walk along A and B. One for every three rows of A, because x86 addresses + 0, + step, + 2 step.
template <int kR, class T>
struct Cursor {
  const T* a[(kR + 2) / 3];
  const T* b;
};

// One step of k: `sum` += a column of A times a row of B. kWhole: the row's last vector is a whole one.
template <int kR, int kV, bool kWhole, class T, class D, class V, class M>
HWY_INLINE void step(D d, Cursor<kR, T>& at, std::int64_t row_step, std::int64_t k_step, std::int64_t stride, M mask,
                     V (&sum)[kR][kV]) {
  constexpr std::int64_t kLanes = lanes<T>();
  V row[kV];
  for (int j = 0; j < kV; ++j) {
    if constexpr (kMasks && !kWhole)
      row[j] = j == kV - 1 ? hn::MaskedLoad(mask, d, at.b + j * kLanes) : hn::LoadU(d, at.b + j * kLanes);
    else
      row[j] = hn::LoadU(d, at.b + j * kLanes);
  }
  HWY_UNROLL(16)
  for (int i = 0; i < kR; ++i) {
    const V broadcast = hn::Set(d, at.a[i / 3][i % 3 * row_step]);
    for (int j = 0; j < kV; ++j) sum[i][j] = hn::MulAdd(broadcast, row[j], sum[i][j]);
  }
  for (int g = 0; g * 3 < kR; ++g) at.a[g] += k_step;
  at.b += stride;
}

// One tile of kR rows and kV vectors. kPackedA: the rows of A lie side by side and the tile is a whole one.
template <int kR, int kV, bool kPackedA, class T>
HWY_INLINE void tile(const Operands<T>& from, const Target<T>& to) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::int64_t kLanes = lanes<T>();
  // Too few accumulators hide no latency: two sets, for even and odd steps of k.
  constexpr int kSets = kR * kV < 8 ? 2 : 1;
  V sum[kSets][kR][kV];
  HWY_UNROLL(16)
  for (int s = 0; s < kSets; ++s)
    for (int i = 0; i < kR; ++i)
      for (int j = 0; j < kV; ++j) sum[s][i][j] = hn::Zero(d);
  // C is far away: its lines come while the loop runs.
  if constexpr (kPackedA)
    for (int i = 0; i < kR; ++i) {
      hwy::Prefetch(to.c + i * to.stride);
      hwy::Prefetch(to.c + i * to.stride + kV * kLanes - 1);
    }

  const std::int64_t row_step = kPackedA ? 1 : from.a_row_step, k_step = kPackedA ? kR : from.a_k_step;
  const std::int64_t stride = kPackedA ? columns<T>() : from.b_stride;
  Cursor<kR, T> at;
  for (int g = 0; g * 3 < kR; ++g) at.a[g] = from.a + g * 3 * row_step;
  at.b = from.b;
  const auto mask = hn::FirstN(d, static_cast<std::size_t>(to.last));
  if constexpr (kSets == 1) {
    // Not by hand: g++ 12 spills accumulators where it sees two steps at once.
    HWY_UNROLL(2)
    for (std::int64_t l = 0; l < from.k; ++l) step<kR, kV, kPackedA>(d, at, row_step, k_step, stride, mask, sum[0]);
  } else {
    for (std::int64_t l = 0; l + 2 <= from.k; l += 2) {
      step<kR, kV, kPackedA>(d, at, row_step, k_step, stride, mask, sum[0]);
      step<kR, kV, kPackedA>(d, at, row_step, k_step, stride, mask, sum[1]);
    }
    if (from.k % 2 != 0) step<kR, kV, kPackedA>(d, at, row_step, k_step, stride, mask, sum[0]);
  }

  HWY_UNROLL(16)
  for (int i = 0; i < kR; ++i)
    for (int j = 0; j < kV; ++j) {
      const V total = kSets == 2 ? hn::Add(sum[0][i][j], sum[kSets - 1][i][j]) : sum[0][i][j];
      T* c = to.c + i * to.stride + j * kLanes;
      if (kPackedA || j < kV - 1 || to.last == kLanes)
        hn::StoreU(to.accumulate ? hn::Add(hn::LoadU(d, c), total) : total, d, c);
      else
        store_part(total, d, c, to.last, to.accumulate);
    }
}

template <int kR, int kV, class T>
HWY_NOINLINE void any_tile(const Operands<T>& from, const Target<T>& to) {
  tile<kR, kV, false>(from, to);
}

template <class T>
HWY_NOINLINE void whole_packed_tile(const Operands<T>& from, const Target<T>& to) {
  tile<kRows, kVectors, true>(from, to);
}

template <class T>
using AnyTile = void (*)(const Operands<T>&, const Target<T>&);

// [rows - 1][vectors - 1]
template <class T, int... kIndices>
constexpr auto tile_table(std::integer_sequence<int, kIndices...>) {
  return std::array<AnyTile<T>, sizeof...(kIndices)>{any_tile<kIndices / kVectors + 1, kIndices % kVectors + 1, T>...};
}
template <class T>
inline constexpr auto kTiles = tile_table<T>(std::make_integer_sequence<int, kRows * kVectors>());

template <class T>
HWY_INLINE void call_tile(const Operands<T>& from, std::int64_t rows, std::int64_t cols, Target<T> to) {
  const std::int64_t vectors = (cols + lanes<T>() - 1) / lanes<T>();
  to.last = cols - (vectors - 1) * lanes<T>();
  kTiles<T>[static_cast<std::size_t>((rows - 1) * kVectors + vectors - 1)](from, to);
}

template <class T>
void multiply(const T* packed_a, const T* packed_b, std::int64_t k, View<T> c, bool accumulate) {
  constexpr std::int64_t kColumns = columns<T>();
  for (std::int64_t j = 0; j < c.cols; j += kColumns) {
    const std::int64_t cols = std::min(kColumns, c.cols - j);
    for (std::int64_t i = 0; i < c.rows; i += kRows) {
      const std::int64_t rows = std::min<std::int64_t>(kRows, c.rows - i);
      const Operands<T> from{packed_a + i * k, 1, kRows, packed_b + j * k, kColumns, k};
      const Target<T> to{&c(i, j), c.stride, lanes<T>(), accumulate};
      if (rows == kRows && cols == kColumns)
        whole_packed_tile(from, to);
      else
        call_tile(from, rows, cols, to);
    }
  }
}

// Rows of the next tile, where `rest` are to be done in tiles that are read in place: the last two share what is left,
// because a tile of one or two rows would wait for its own results.
HWY_INLINE std::int64_t next_rows(std::int64_t rest) {
  return rest > kRows && rest < 2 * kRows ? (rest + 1) / 2 : std::min<std::int64_t>(rest, kRows);
}

// A where it lies. Rows outside, columns inside: a tile's rows of A are read from memory once.
template <class T>
void multiply_packed_b(View<const T> a, const T* packed_b, View<T> c, bool accumulate) {
  constexpr std::int64_t kColumns = columns<T>();
  for (std::int64_t i = 0, rows = 0; i < c.rows; i += rows) {
    rows = next_rows(c.rows - i);
    for (std::int64_t j = 0; j < c.cols; j += kColumns)
      call_tile<T>({a.row(i), a.stride, 1, packed_b + j * a.cols, kColumns, a.cols}, rows,
                   std::min(kColumns, c.cols - j), {&c(i, j), c.stride, 0, accumulate});
  }
}

// Columns from `first` of B into one panel as wide as a tile, the rest of which is 0.
template <class T>
HWY_INLINE void pack_last(View<const T> b, std::int64_t first, T* panel) {
  const hn::ScalableTag<T> d;
  const auto mask = hn::FirstN(d, static_cast<std::size_t>(b.cols - first));
  for (std::int64_t l = 0; l < b.rows; ++l, panel += columns<T>()) {
    if constexpr (kMaskedMemory) {
      hn::Store(hn::MaskedLoad(mask, d, b.row(l) + first), d, panel);
      continue;
    }
    std::copy(b.row(l) + first, b.row(l) + b.cols, panel);
    std::fill(panel + (b.cols - first), panel + columns<T>(), T{0});
  }
}

template <class T>
void multiply_unpacked(View<const T> a, View<const T> b, View<T> c, bool accumulate, T* panel) {
  constexpr std::int64_t kColumns = columns<T>();
  const std::int64_t in_place = kMasks ? b.cols : b.cols / lanes<T>() * lanes<T>();
  if (in_place < b.cols) pack_last(b, in_place, panel);
  for (std::int64_t i = 0, rows = 0; i < c.rows; i += rows) {
    rows = next_rows(c.rows - i);
    for (std::int64_t j = 0; j < in_place; j += kColumns)
      call_tile<T>({a.row(i), a.stride, 1, b.data + j, b.stride, a.cols}, rows, std::min(kColumns, in_place - j),
                   {&c(i, j), c.stride, 0, accumulate});
    if (in_place < b.cols)
      call_tile<T>({a.row(i), a.stride, 1, panel, kColumns, a.cols}, rows, b.cols - in_place,
                   {&c(i, in_place), c.stride, 0, accumulate});
  }
}

}  // namespace overtake::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // per-target include guard
