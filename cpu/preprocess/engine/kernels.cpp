// SPDX-License-Identifier: Apache-2.0
// Steps are in float32 with the rounding of their parameters made good: twice as many values a vector as in double
// precision.
#include "cpu/preprocess/engine/kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/preprocess/engine/kernels.cpp"
#include "hwy/foreach_target.h"
// foreach_target.h has to come first
#include "hwy/cache_control.h"
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

// out[i] = function(in[i]) for whole vectors, the last of them from a padded copy; `in` may be `out`.
template <class Function>
HWY_INLINE void for_each_vector(const float* in, std::size_t count, float* out, Function function) {
  const F f;
  const std::size_t lanes = hn::Lanes(f);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(function(hn::LoadU(f, in + i)), f, out + i);
  if (i == count) return;
  HWY_ALIGN float rest[hn::MaxLanes(F())] = {};
  std::copy(in + i, in + count, rest);
  hn::StoreU(function(hn::Load(f, rest)), f, out + i);
}

// In double precision, half a vector at a time.
HWY_INLINE void scale_double(const float* in, std::size_t count, float* out, double offset, double factor) {
  const D d;
  const Half h;
  const VD a = hn::Set(d, offset), b = hn::Set(d, factor);
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(hn::DemoteTo(h, hn::Mul(hn::Sub(hn::PromoteTo(d, hn::LoadU(h, in + i)), a), b)), h, out + i);
  for (; i < count; ++i) out[i] = static_cast<float>((static_cast<double>(in[i]) - offset) * factor);
}

// (x - a) * factor, both sums of two floats: two roundings in the differences and one in the product.
struct Scale {
  VF a_high, a_low, factor_high, factor_low;
  Scale(double a, double factor) {
    const F f;
    const auto high = [](double x) { return static_cast<float>(x); };
    a_high = hn::Set(f, high(a));
    a_low = hn::Set(f, static_cast<float>(a - static_cast<double>(high(a))));
    factor_high = hn::Set(f, high(factor));
    factor_low = hn::Set(f, static_cast<float>(factor - static_cast<double>(high(factor))));
  }
  HWY_INLINE VF operator()(VF x) const {
    const VF difference = hn::Sub(hn::Sub(x, a_high), a_low);
    const VF y = hn::MulAdd(difference, factor_high, hn::Mul(difference, factor_low));
    // An infinite difference meets factors of either sign.
    return hn::IfThenElse(hn::Eq(y, y), y, hn::Mul(difference, factor_high));
  }
};

// ln(u) + (x - (u - 1)) / u with u = 1 + x rounded: the second term is what rounding took. ln(u) = ln(m) + k ln 2 with
// m between sqrt(1/2) and sqrt(2), and the polynomial of Cephes' logf (S. Moshier, 1992) for ln(m).
HWY_INLINE VF log1p_of(VF x) {
  const F f;
  const I i;
  const VF one = hn::Set(f, 1.0f), infinity = hn::Set(f, std::numeric_limits<float>::infinity());
  const VF u = hn::Add(one, x);
  const VF lost = hn::IfThenElse(hn::Ge(x, one), hn::Sub(one, hn::Sub(u, x)), hn::Sub(x, hn::Sub(u, one)));
  // Subtracting the bits of sqrt(1/2) rounds the exponent to that of the nearest m.
  const auto bits = hn::BitCast(i, u);
  const auto k = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(i, 0x3f3504f3)));
  const VF m = hn::BitCast(f, hn::Sub(bits, hn::ShiftLeft<23>(k)));
  // 1 / 2^k, or 0 where float32 has no such number.
  const VF scale = hn::BitCast(f, hn::ShiftLeft<23>(hn::Max(hn::Sub(hn::Set(i, 127), k), hn::Zero(i))));
  const VF t = hn::Sub(m, one), square = hn::Mul(t, t), exponent = hn::ConvertTo(f, k);
  VF p = hn::Set(f, 7.0376836292E-2f);
  p = hn::MulAdd(p, t, hn::Set(f, -1.1514610310E-1f));
  p = hn::MulAdd(p, t, hn::Set(f, 1.1676998740E-1f));
  p = hn::MulAdd(p, t, hn::Set(f, -1.2420140846E-1f));
  p = hn::MulAdd(p, t, hn::Set(f, 1.4249322787E-1f));
  p = hn::MulAdd(p, t, hn::Set(f, -1.6668057665E-1f));
  p = hn::MulAdd(p, t, hn::Set(f, 2.0000714765E-1f));
  p = hn::MulAdd(p, t, hn::Set(f, -2.4999993993E-1f));
  p = hn::MulAdd(p, t, hn::Set(f, 3.3333331174E-1f));
  VF y = hn::Mul(hn::Mul(p, t), square);
  y = hn::MulAdd(exponent, hn::Set(f, -2.12194440e-4f), y);
  y = hn::MulAdd(hn::Mul(lost, scale), hn::MulAdd(t, hn::Sub(t, one), one), y);  // 1 / m = 1 - t + t^2 - ...
  y = hn::NegMulAdd(hn::Set(f, 0.5f), square, y);
  y = hn::MulAdd(exponent, hn::Set(f, 0.693359375f), hn::Add(t, y));
  const VF at_pole = hn::IfThenElse(hn::Eq(x, hn::Neg(one)), hn::Neg(infinity), hn::NaN(f));
  const VF otherwise = hn::IfThenElse(hn::Eq(x, infinity), infinity, at_pole);
  const auto ordinary = hn::And(hn::Gt(x, hn::Neg(one)), hn::Lt(x, infinity));
  // A zero keeps its sign.
  return hn::IfThenElse(ordinary, hn::IfThenElse(hn::Eq(x, hn::Zero(f)), x, y), otherwise);
}

void log1p(const float* in, std::size_t count, float* out) {
  for_each_vector(in, count, out, [](VF x) HWY_ATTR { return log1p_of(x); });
}

HWY_INLINE void apply(const Operation& op, const float* in, std::size_t count, float* out) {
  const F f;
  const VF c = hn::Set(f, op.c);
  switch (op.kind) {
    case Operation::Kind::fill:
      return for_each_vector(in, count, out, [&](VF x) HWY_ATTR { return hn::IfThenElse(hn::Eq(x, x), x, c); });
    case Operation::Kind::clip: {
      const VF a = hn::Set(f, static_cast<float>(op.a)), b = hn::Set(f, static_cast<float>(op.b));
      // Comparisons with NaN are false, so that it stays.
      return for_each_vector(in, count, out, [&](VF x) HWY_ATTR {
        const VF raised = hn::IfThenElse(hn::Lt(x, a), a, x);
        return hn::IfThenElse(hn::Gt(raised, b), b, raised);
      });
    }
    case Operation::Kind::log1p:
      return log1p(in, count, out);
#if HWY_NATIVE_FMA
    case Operation::Kind::scale_double:
      return scale_double(in, count, out, op.a, 1 / op.b);
    case Operation::Kind::scale: {
      const Scale scale(op.a, 1 / op.b);
      return for_each_vector(in, count, out, [&](VF x) HWY_ATTR { return scale(x); });
    }
    case Operation::Kind::fill_scale: {
      const Scale scale(op.a, 1 / op.b);
      return for_each_vector(in, count, out, [&](VF x) HWY_ATTR { return hn::IfThenElse(hn::Eq(x, x), scale(x), c); });
    }
#else  // without fused multiplications a fourth rounding would not be within the tolerance
    case Operation::Kind::scale_double:
    case Operation::Kind::scale:
      return scale_double(in, count, out, op.a, 1 / op.b);
    case Operation::Kind::fill_scale: {
      HWY_ALIGN float scaled_values[kPieceRows];
      scale_double(in, count, scaled_values, op.a, 1 / op.b);
      for (std::size_t i = 0; i < count; ++i) out[i] = std::isnan(in[i]) ? op.c : scaled_values[i];
      return;
    }
#endif
  }
}

void transform(const float* in, std::size_t count, const Operation* operations, std::size_t steps, float* out) {
  if (steps == 0) std::copy(in, in + count, out);
  for (std::size_t s = 0; s < steps; ++s) apply(operations[s], s == 0 ? in : out, count, out);
}

std::uint32_t seen(const std::int32_t* codes, std::size_t count) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < count; ++i)
    bits |= static_cast<std::uint32_t>(codes[i]) < 32 ? std::uint32_t{1} << codes[i] : 0;
  return bits;
}

void one_hot(const std::int32_t* codes, std::size_t count, std::size_t levels, float* out, std::size_t stride) {
  const F f;
  const I d;
  const VF one = hn::Set(f, 1.0f);
  // Made once: Highway 1.0.3 writes it to the stack element by element, and the load that follows waits for them.
  const auto lanes = hn::Iota(d, 0);
  const auto step = hn::Set(d, static_cast<std::int32_t>(hn::Lanes(d)));
  const std::size_t whole = levels / hn::Lanes(f) * hn::Lanes(f);
  for (std::size_t i = 0; i < count; ++i) {
    auto code = hn::Set(d, codes[i]);  // from the level on
    float* row = out + i * stride;
    for (std::size_t level = 0; level < whole; level += hn::Lanes(f)) {
      hn::StoreU(hn::IfThenElseZero(hn::RebindMask(f, hn::Eq(lanes, code)), one), f, row + level);
      code = hn::Sub(code, step);
    }
    for (std::size_t level = whole; level < levels; ++level)
      row[level] = codes[i] == static_cast<std::int32_t>(level) ? 1.0f : 0.0f;
  }
}

void copy_past_caches(const float* HWY_RESTRICT from, std::size_t count, float* HWY_RESTRICT into) {
  const F d;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) hn::Stream(hn::Load(d, from + i), d, into + i);
}

}  // namespace
}  // namespace overtake::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace overtake {

HWY_EXPORT(transform);
HWY_EXPORT(log1p);
HWY_EXPORT(seen);
HWY_EXPORT(one_hot);
HWY_EXPORT(copy_past_caches);

std::vector<Operation> operations_of(const Pipeline& pipeline, const Fitted& fitted, std::int64_t column,
                                     std::size_t steps) {
  std::vector<Operation> operations;
  for_each_operation(pipeline.steps.data(), steps, parameters_of(fitted, column),
                     [&](const Operation& operation) { operations.push_back(operation); });
  return operations;
}

void transform_piece(const float* values, std::int64_t count, const std::vector<Operation>& operations, float* out) {
  HWY_DYNAMIC_DISPATCH(transform)
  (values, static_cast<std::size_t>(count), operations.data(), operations.size(), out);
}

void log1p_piece(const float* values, std::int64_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(log1p)(values, static_cast<std::size_t>(count), out);
}

std::uint32_t codes_seen(const std::int32_t* codes, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(seen)(codes, static_cast<std::size_t>(count));
}

void one_hot_rows(const std::int32_t* codes, std::int64_t count, std::int32_t levels, float* out, std::int64_t stride) {
  HWY_DYNAMIC_DISPATCH(one_hot)
  (codes, static_cast<std::size_t>(count), static_cast<std::size_t>(levels), out, static_cast<std::size_t>(stride));
}

void stream(const float* from, std::int64_t count, float* into) {
  HWY_DYNAMIC_DISPATCH(copy_past_caches)(from, static_cast<std::size_t>(count), into);
}

void finish_streams() { hwy::FlushStream(); }

}  // namespace overtake
#endif  // HWY_ONCE
