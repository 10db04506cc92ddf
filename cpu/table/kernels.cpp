// SPDX-License-Identifier: Apache-2.0
// Sums are in double precision: a float32 column with a large offset keeps no digit of its deviations otherwise.
#include "cpu/table/kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/table/kernels.cpp"
#include "hwy/foreach_target.h"
// foreach_target.h has to come first
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace overtake::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using F = hn::ScalableTag<float>;
using VF = hn::Vec<F>;
using D = hn::ScalableTag<double>;
using VD = hn::Vec<D>;
using Half = hn::Rebind<float, D>;
using I = hn::RebindToSigned<F>;

// Differences from a value of the column, which missing values take as theirs: they then add nothing to the sums and
// nothing beyond the extremes.
Statistics gather(const float* values, std::size_t count, float shift) {
  const F f;
  const D d;
  [[maybe_unused]] const Half h;
  const VF shifts = hn::Set(f, shift);
  const VD wide = hn::Set(d, static_cast<double>(shift));
  VF min = shifts, max = shifts;
  VD sum0 = hn::Zero(d), sum1 = sum0, squares0 = sum0, squares1 = sum0;
  std::size_t present = 0, i = 0;
  const std::size_t lanes = hn::Lanes(f);
  const auto add = [&](VF x) HWY_ATTR {
    const auto is_number = hn::Eq(x, x);
    const VF v = hn::IfThenElse(is_number, x, shifts);
    min = hn::Min(min, v);
    max = hn::Max(max, v);
    present += hn::CountTrue(f, is_number);
#if HWY_TARGET == HWY_SCALAR
    const VD low = hn::Sub(hn::PromoteTo(d, v), wide);
#else
    const VD low = hn::Sub(hn::PromoteTo(d, hn::LowerHalf(h, v)), wide);
    const VD high = hn::Sub(hn::PromoteTo(d, hn::UpperHalf(h, v)), wide);
    sum1 = hn::Add(sum1, high);
    squares1 = hn::MulAdd(high, high, squares1);
#endif
    sum0 = hn::Add(sum0, low);
    squares0 = hn::MulAdd(low, low, squares0);
  };
  for (; i + lanes <= count; i += lanes) add(hn::LoadU(f, values + i));
  if (i < count) {
    HWY_ALIGN float rest[hn::MaxLanes(F())];
    std::fill_n(rest, lanes, std::numeric_limits<float>::quiet_NaN());
    std::copy(values + i, values + count, rest);
    add(hn::Load(f, rest));
  }
  if (present == 0) return {};
  const double n = static_cast<double>(present);
  const double total = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum0, sum1)));
  const double mean = total / n, squares = hn::GetLane(hn::SumOfLanes(d, hn::Add(squares0, squares1)));
  return {static_cast<std::int64_t>(present), static_cast<double>(shift) + mean, std::max(squares - total * mean, 0.0),
          static_cast<double>(hn::GetLane(hn::MinOfLanes(f, min))),
          static_cast<double>(hn::GetLane(hn::MaxOfLanes(f, max)))};
}

#if HWY_MAX_BYTES <= 32 && HWY_TARGET != HWY_SCALAR
// Of each mask of up to 8 lanes: the lanes that it has, then the others.
struct LaneOrders {
  std::uint8_t of[256][8];
};
constexpr LaneOrders lane_orders() {
  LaneOrders orders{};
  for (unsigned mask = 0; mask < 256; ++mask) {
    std::size_t next = 0;
    for (const bool has : {true, false})
      for (std::uint8_t lane = 0; lane < 8; ++lane)
        if ((mask >> lane & 1) == (has ? 1U : 0U)) orders.of[mask][next++] = lane;
  }
  return orders;
}
constexpr LaneOrders kLaneOrders = lane_orders();

// hn::Compress of Highway 1.0.3 has its table on the stack, which g++ 12 fills anew for every vector: a kilobyte on
// AVX2, 71 % of the samples in bracket().
HWY_INLINE VF compressed(VF x, hn::Mask<F> mask) {
  const F f;
  const I d;
  HWY_ALIGN std::uint8_t bits[8];
  hn::StoreMaskBits(f, mask, bits);
  const hn::Rebind<std::uint8_t, I> bytes;
  const auto order = hn::PromoteTo(d, hn::LoadU(bytes, kLaneOrders.of[bits[0]]));
  return hn::TableLookupLanes(x, hn::IndicesFromVec(f, order));
}
#else
HWY_INLINE VF compressed(VF x, hn::Mask<F> mask) { return hn::Compress(x, mask); }
#endif

// Counts a lane; a true mask is -1.
HWY_INLINE hn::Vec<I> counted(hn::Vec<I> counts, hn::Mask<F> mask) {
  return hn::Sub(counts, hn::BitCast(I(), hn::VecFromMask(F(), mask)));
}

std::size_t bracket(const float* values, std::size_t count, float low, float high, BracketCounts& counts,
                    float* between) {
  const F f;
  const I d;
  const VF lows = hn::Set(f, low), highs = hn::Set(f, high);
  auto below_low = hn::Zero(d), to_low = below_low, below_high = below_low, to_high = below_low;
  std::size_t found = 0, i = 0;
  const std::size_t lanes = hn::Lanes(f);
  const auto add = [&](VF x) HWY_ATTR {
    const auto at_most_low = hn::Le(x, lows), under_high = hn::Lt(x, highs);
    below_low = counted(below_low, hn::Lt(x, lows));
    to_low = counted(to_low, at_most_low);
    below_high = counted(below_high, under_high);
    to_high = counted(to_high, hn::Le(x, highs));
    const auto within = hn::AndNot(at_most_low, under_high);
    hn::StoreU(compressed(x, within), f, between + found);
    found += hn::CountTrue(f, within);
  };
  for (; i + lanes <= count; i += lanes) add(hn::LoadU(f, values + i));
  if (i < count) {
    HWY_ALIGN float rest[hn::MaxLanes(F())];
    std::fill_n(rest, lanes, std::numeric_limits<float>::quiet_NaN());
    std::copy(values + i, values + count, rest);
    add(hn::Load(f, rest));
  }
  counts.below_low += hn::GetLane(hn::SumOfLanes(d, below_low));
  counts.to_low += hn::GetLane(hn::SumOfLanes(d, to_low));
  counts.below_high += hn::GetLane(hn::SumOfLanes(d, below_high));
  counts.to_high += hn::GetLane(hn::SumOfLanes(d, to_high));
  return found;
}

void rows_of(const float* columns, std::size_t column_stride, std::size_t width, std::size_t count, float* out,
             std::size_t stride) {
  std::size_t j = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::FixedTag<float, 4> d;
  for (; j + 4 <= width; j += 4) {
    const float* column = columns + j * column_stride;
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) {
      const auto a = hn::LoadU(d, column + i), b = hn::LoadU(d, column + column_stride + i);
      const auto c = hn::LoadU(d, column + 2 * column_stride + i), e = hn::LoadU(d, column + 3 * column_stride + i);
      const auto ac = hn::InterleaveLower(d, a, c), be = hn::InterleaveLower(d, b, e);
      const auto ac_upper = hn::InterleaveUpper(d, a, c), be_upper = hn::InterleaveUpper(d, b, e);
      float* row = out + i * stride + j;
      hn::StoreU(hn::InterleaveLower(d, ac, be), d, row);
      hn::StoreU(hn::InterleaveUpper(d, ac, be), d, row + stride);
      hn::StoreU(hn::InterleaveLower(d, ac_upper, be_upper), d, row + 2 * stride);
      hn::StoreU(hn::InterleaveUpper(d, ac_upper, be_upper), d, row + 3 * stride);
    }
    for (; i < count; ++i)
      for (std::size_t k = 0; k < 4; ++k) out[i * stride + j + k] = column[k * column_stride + i];
  }
#endif
  for (; j < width; ++j)
    for (std::size_t i = 0; i < count; ++i) out[i * stride + j] = columns[j * column_stride + i];
}

const char* target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace
}  // namespace overtake::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace overtake {

HWY_EXPORT(gather);
HWY_EXPORT(bracket);
HWY_EXPORT(rows_of);
HWY_EXPORT(target);

void gather_piece(const float* values, std::int64_t count, Statistics& statistics) {
  float shift =
      static_cast<float>(std::clamp(statistics.mean, statistics.min, std::max(statistics.min, statistics.max)));
  if (statistics.count == 0 || !std::isfinite(shift)) {
    const auto finite = [](float x) { return std::isfinite(x); };
    const float* first = std::find_if(values, values + count, finite);
    if (first == values + count) {
      // Only infinite ones, if any.
      for (std::int64_t i = 0; i < count; ++i) {
        const double x = static_cast<double>(values[i]);
        if (!std::isnan(x)) statistics = merged(statistics, {1, x, 0, x, x});
      }
      return;
    }
    // The middle one of three, because about an outlier as many digits are lost as the piece has values.
    const auto finite_from = [&](std::int64_t i) {
      const float* found = std::find_if(values + i, values + count, finite);
      return found == values + count ? *first : *found;
    };
    std::array<float, 3> some = {*first, finite_from(count / 3), finite_from(2 * count / 3)};
    std::ranges::sort(some);
    shift = some[1];
  }
  statistics = merged(statistics, HWY_DYNAMIC_DISPATCH(gather)(values, static_cast<std::size_t>(count), shift));
}

std::int64_t bracket_piece(const float* values, std::int64_t count, float low, float high, BracketCounts& counts,
                           float* between) {
  return static_cast<std::int64_t>(
      HWY_DYNAMIC_DISPATCH(bracket)(values, static_cast<std::size_t>(count), low, high, counts, between));
}

void to_rows(const float* columns, std::int64_t column_stride, std::int64_t width, std::int64_t count, float* out,
             std::int64_t stride) {
  HWY_DYNAMIC_DISPATCH(rows_of)
  (columns, static_cast<std::size_t>(column_stride), static_cast<std::size_t>(width), static_cast<std::size_t>(count),
   out, static_cast<std::size_t>(stride));
}

const char* table_target() { return HWY_DYNAMIC_DISPATCH(target)(); }

}  // namespace overtake
#endif  // HWY_ONCE
