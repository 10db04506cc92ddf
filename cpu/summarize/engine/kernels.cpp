// SPDX-License-Identifier: Apache-2.0
// All sums are in double precision: products of float32 values that are far from each other keep no digit otherwise.
#include "cpu/summarize/engine/kernels.h"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/summarize/engine/kernels.cpp"
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

// Three thresholds a reading of the piece, which is in the first-level cache: nine and their counts have no room in 16
// registers.
void count_three(const float* values, std::size_t count, const float* thresholds, std::int64_t* counts) {
  const F f;
  const I d;
  const VF t0 = hn::Set(f, thresholds[0]), t1 = hn::Set(f, thresholds[1]), t2 = hn::Set(f, thresholds[2]);
  auto n0 = hn::Zero(d), n1 = n0, n2 = n0;
  const std::size_t lanes = hn::Lanes(f);
  const auto add = [&](VF x) HWY_ATTR {
    // True is -1.
    n0 = hn::Sub(n0, hn::BitCast(d, hn::VecFromMask(f, hn::Ge(x, t0))));
    n1 = hn::Sub(n1, hn::BitCast(d, hn::VecFromMask(f, hn::Ge(x, t1))));
    n2 = hn::Sub(n2, hn::BitCast(d, hn::VecFromMask(f, hn::Ge(x, t2))));
  };
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) add(hn::LoadU(f, values + i));
  if (i < count) {
    HWY_ALIGN float rest[hn::MaxLanes(F())];
    std::fill_n(rest, lanes, std::numeric_limits<float>::quiet_NaN());
    std::copy(values + i, values + count, rest);
    add(hn::Load(f, rest));
  }
  counts[0] += hn::GetLane(hn::SumOfLanes(d, n0));
  counts[1] += hn::GetLane(hn::SumOfLanes(d, n1));
  counts[2] += hn::GetLane(hn::SumOfLanes(d, n2));
}

// Rows that are prepared at once: what two groups then take stays in the second-level cache, and what one tile reads in
// the first.
constexpr std::size_t kBlock = 128;
using Columns = double[kGroup][kBlock];

// Of a block of a group: differences from `near`, their squares, and 1 where there is a finite value; 0 elsewhere.
struct Prepared {
  HWY_ALIGN Columns difference, square, present;
};

HWY_INLINE void prepare_vector(hn::Vec<Half> x, VD near, Prepared& out, std::size_t column, std::size_t row) {
  const D d;
  const VD wide = hn::PromoteTo(d, x);
  const auto finite = hn::Lt(hn::Abs(wide), hn::Set(d, std::numeric_limits<double>::infinity()));
  const VD difference = hn::IfThenElseZero(finite, hn::Sub(wide, near));
  hn::Store(difference, d, out.difference[column] + row);
  hn::Store(hn::Mul(difference, difference), d, out.square[column] + row);
  hn::Store(hn::IfThenElseZero(finite, hn::Set(d, 1.0)), d, out.present[column] + row);
}

void prepare(const ColumnGroup& group, std::size_t first, std::size_t count, Prepared& out) {
  const D d;
  const Half h;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t column = 0; column < group.count; ++column) {
    const float* values = group.columns[column] + first;
    const VD near = hn::Set(d, group.near[column]);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) prepare_vector(hn::LoadU(h, values + i), near, out, column, i);
    if (i == kBlock) continue;
    HWY_ALIGN float rest[hn::MaxLanes(D())];
    for (; i < kBlock; i += lanes) {
      std::fill_n(rest, lanes, std::numeric_limits<float>::quiet_NaN());
      if (i < count) std::copy(values + i, values + count, rest);
      prepare_vector(hn::Load(h, rest), near, out, column, i);
    }
  }
}

// Vectors of partial sums, [a][b].
struct Sums {
  HWY_ALIGN double lanes[kGroup * kGroup * hn::MaxLanes(D())] = {};
};

// Four columns by two: eight sums, which cover the latency of a multiplication and addition, in registers, for six
// loads.
HWY_INLINE void multiply_tile(const Columns& x, const Columns& y, std::size_t a, std::size_t b, Sums& sums) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  const auto at = [&](std::size_t i, std::size_t k) { return sums.lanes + ((a + i) * kGroup + b + k) * lanes; };
  VD s00 = hn::Load(d, at(0, 0)), s01 = hn::Load(d, at(0, 1)), s10 = hn::Load(d, at(1, 0)), s11 = hn::Load(d, at(1, 1));
  VD s20 = hn::Load(d, at(2, 0)), s21 = hn::Load(d, at(2, 1)), s30 = hn::Load(d, at(3, 0)), s31 = hn::Load(d, at(3, 1));
  for (std::size_t i = 0; i < kBlock; i += lanes) {
    const VD y0 = hn::Load(d, y[b] + i), y1 = hn::Load(d, y[b + 1] + i);
    const VD x0 = hn::Load(d, x[a] + i), x1 = hn::Load(d, x[a + 1] + i);
    const VD x2 = hn::Load(d, x[a + 2] + i), x3 = hn::Load(d, x[a + 3] + i);
    s00 = hn::MulAdd(x0, y0, s00);
    s01 = hn::MulAdd(x0, y1, s01);
    s10 = hn::MulAdd(x1, y0, s10);
    s11 = hn::MulAdd(x1, y1, s11);
    s20 = hn::MulAdd(x2, y0, s20);
    s21 = hn::MulAdd(x2, y1, s21);
    s30 = hn::MulAdd(x3, y0, s30);
    s31 = hn::MulAdd(x3, y1, s31);
  }
  hn::Store(s00, d, at(0, 0));
  hn::Store(s01, d, at(0, 1));
  hn::Store(s10, d, at(1, 0));
  hn::Store(s11, d, at(1, 1));
  hn::Store(s20, d, at(2, 0));
  hn::Store(s21, d, at(2, 1));
  hn::Store(s30, d, at(3, 0));
  hn::Store(s31, d, at(3, 1));
}

// `symmetric`: only where a <= b is asked for.
void multiply(const Columns& x, const Columns& y, bool symmetric, Sums& sums) {
  for (std::size_t a = 0; a < kGroup; a += 4)
    for (std::size_t b = symmetric ? a : 0; b < kGroup; b += 2) multiply_tile(x, y, a, b, sums);
}

void add_to(const Sums& sums, bool transposed, Products::Matrix& out) {
  const D d;
  for (std::size_t a = 0; a < kGroup; ++a)
    for (std::size_t b = 0; b < kGroup; ++b)
      (transposed ? out[b][a] : out[a][b]) +=
          hn::GetLane(hn::SumOfLanes(d, hn::Load(d, sums.lanes + (a * kGroup + b) * hn::Lanes(d))));
}

void products_of_one(const ColumnGroup& group, std::size_t rows, Products& out) {
  Prepared x{};
  Sums ones, sums, squares, products;
  for (std::size_t i = 0; i < rows; i += kBlock) {
    prepare(group, i, std::min(kBlock, rows - i), x);
    multiply(x.present, x.present, true, ones);
    multiply(x.difference, x.present, false, sums);
    multiply(x.square, x.present, false, squares);
    multiply(x.difference, x.difference, true, products);
  }
  add_to(ones, false, out.rows);
  add_to(sums, false, out.a);
  add_to(sums, true, out.b);
  add_to(squares, false, out.aa);
  add_to(squares, true, out.bb);
  add_to(products, false, out.ab);
}

void products_of_two(const ColumnGroup& a, const ColumnGroup& b, std::size_t rows, Products& out) {
  Prepared x{}, y{};
  Sums ones, a_sums, b_sums, a_squares, b_squares, products;
  for (std::size_t i = 0; i < rows; i += kBlock) {
    prepare(a, i, std::min(kBlock, rows - i), x);
    prepare(b, i, std::min(kBlock, rows - i), y);
    multiply(x.present, y.present, false, ones);
    multiply(x.difference, y.present, false, a_sums);
    multiply(x.present, y.difference, false, b_sums);
    multiply(x.square, y.present, false, a_squares);
    multiply(x.present, y.square, false, b_squares);
    multiply(x.difference, y.difference, false, products);
  }
  add_to(ones, false, out.rows);
  add_to(a_sums, false, out.a);
  add_to(b_sums, false, out.b);
  add_to(a_squares, false, out.aa);
  add_to(b_squares, false, out.bb);
  add_to(products, false, out.ab);
}

// A row at a time, because a category's sums are a vector: no table of partial sums a lane, and no conflicts in one.
void group_rows(const float* rows, const std::int32_t* places, std::size_t count, GroupSums* table) {
  const hn::CappedTag<double, kGroup> d;
  const hn::Rebind<float, decltype(d)> h;
  const std::size_t lanes = hn::Lanes(d);
  const auto one = hn::Set(d, 1.0);
  for (std::size_t i = 0; i < count; ++i) {
    GroupSums& to = table[places[i]];
    for (std::size_t j = 0; j < kGroup; j += lanes) {
      const auto x = hn::PromoteTo(d, hn::LoadU(h, rows + i * kGroup + j));
      const auto present = hn::Eq(x, x);
      double *const sums = to.sums.data() + j, *const counts = to.counts.data() + j;
      hn::StoreU(hn::Add(hn::LoadU(d, sums), hn::IfThenElseZero(present, x)), d, sums);
      hn::StoreU(hn::Add(hn::LoadU(d, counts), hn::IfThenElseZero(present, one)), d, counts);
    }
  }
}

}  // namespace
}  // namespace overtake::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace overtake {

HWY_EXPORT(count_three);
HWY_EXPORT(products_of_one);
HWY_EXPORT(products_of_two);
HWY_EXPORT(group_rows);

void count_at_least(const float* values, std::int64_t count, std::span<const float> thresholds,
                    std::span<std::int64_t> counts) {
  for (std::size_t k = 0; k < thresholds.size(); k += 3) {
    std::array<float, 3> three{};
    std::array<std::int64_t, 3> found{};
    const std::size_t some = std::min<std::size_t>(3, thresholds.size() - k);
    std::ranges::copy(thresholds.subspan(k, some), three.begin());
    HWY_DYNAMIC_DISPATCH(count_three)(values, static_cast<std::size_t>(count), three.data(), found.data());
    for (std::size_t j = 0; j < some; ++j) counts[k + j] += found[j];
  }
}

void add_products(const ColumnGroup& a, const ColumnGroup& b, bool same, std::int64_t rows, Products& sums) {
  if (same)
    HWY_DYNAMIC_DISPATCH(products_of_one)(a, static_cast<std::size_t>(rows), sums);
  else
    HWY_DYNAMIC_DISPATCH(products_of_two)(a, b, static_cast<std::size_t>(rows), sums);
}

void add_to_groups(const float* rows, const std::int32_t* places, std::int64_t count, GroupSums* table) {
  HWY_DYNAMIC_DISPATCH(group_rows)(rows, places, static_cast<std::size_t>(count), table);
}

}  // namespace overtake
#endif  // HWY_ONCE
