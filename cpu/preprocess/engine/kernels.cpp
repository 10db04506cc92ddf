// SPDX-License-Identifier: Apache-2.0
// Arithmetic is in double precision throughout: a float32 column with a large offset keeps no digit of its deviations
// otherwise, and the loops still wait for memory.
#include "cpu/preprocess/engine/kernels.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/preprocess/engine/kernels.cpp"
#include "hwy/foreach_target.h"
// foreach_target.h has to come first
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace overtake::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<double>;
using V = hn::Vec<D>;

// Room for a piece, and for what a last vector holds beyond it.
constexpr std::size_t kRoom = kPieceRows + hn::MaxLanes(D());

// Widens values[0, count) and adds NaN, which counts as missing, up to a whole vector; returns the length with it.
HWY_INLINE std::size_t widen(const float* HWY_RESTRICT values, std::size_t count, double* HWY_RESTRICT out) {
  const D d;
  const hn::Rebind<float, D> f;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::Store(hn::PromoteTo(d, hn::LoadU(f, values + i)), d, out + i);
  if (i == count) return i;
  const std::size_t whole = i + lanes;
  for (; i < count; ++i) out[i] = static_cast<double>(values[i]);
  for (; i < whole; ++i) out[i] = std::nan("");
  return whole;
}

template <class Function>
HWY_INLINE void for_each_vector(double* values, std::size_t count, Function function) {
  const D d;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) hn::Store(function(hn::Load(d, values + i)), d, values + i);
}

HWY_INLINE void fill_missing(double* values, std::size_t count, double fill) {
  const V with = hn::Set(D(), fill);
  for_each_vector(values, count, [&](V x) HWY_ATTR { return hn::IfThenElse(hn::Eq(x, x), x, with); });
}

HWY_INLINE void scale(double* values, std::size_t count, double offset, double factor) {
  const V a = hn::Set(D(), offset), b = hn::Set(D(), factor);
  for_each_vector(values, count, [&](V x) HWY_ATTR { return hn::Mul(hn::Sub(x, a), b); });
}

HWY_INLINE void clip(double* values, std::size_t count, double low, double high) {
  const V a = hn::Set(D(), low), b = hn::Set(D(), high);
  for_each_vector(values, count, [&](V x) HWY_ATTR {
    // Comparisons with NaN are false, so that it stays.
    const V raised = hn::IfThenElse(hn::Lt(x, a), a, x);
    return hn::IfThenElse(hn::Gt(raised, b), b, raised);
  });
}

// values, `count` of them to whole vectors, through the operations. The NaN at the end stay NaN until the caller drops
// them, but for imputation, which a caller that gathers has to keep in mind.
HWY_INLINE void transform(double* values, std::size_t count, const Operation* operations, std::size_t steps) {
  for (std::size_t s = 0; s < steps; ++s) {
    const Operation& op = operations[s];
    switch (op.kind) {
      case StepKind::impute_mean:
      case StepKind::impute_constant:
        fill_missing(values, count, op.a);
        break;
      case StepKind::standardise:
      case StepKind::min_max:
        scale(values, count, op.a, op.b);
        break;
      case StepKind::clip:
        clip(values, count, op.a, op.b);
        break;
      case StepKind::log1p:
        for (std::size_t i = 0; i < count; ++i) values[i] = std::log1p(values[i]);
        break;
    }
  }
}

// Differences from a number near the mean keep the digits that a plain sum of squares would lose.
HWY_INLINE Statistics statistics_of(const double* values, std::size_t count, double near_mean) {
  const D d;
  const V shift = hn::Set(d, near_mean), one = hn::Set(d, 1.0);
  const V most = hn::Set(d, std::numeric_limits<double>::infinity()), least = hn::Neg(most);
  V number = hn::Zero(d), sum = hn::Zero(d), squares = hn::Zero(d), min = most, max = least;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const V x = hn::Load(d, values + i);
    const auto present = hn::Eq(x, x);
    const V difference = hn::IfThenElseZero(present, hn::Sub(x, shift));
    number = hn::Add(number, hn::IfThenElseZero(present, one));
    sum = hn::Add(sum, difference);
    squares = hn::MulAdd(difference, difference, squares);
    min = hn::Min(min, hn::IfThenElse(present, x, most));
    max = hn::Max(max, hn::IfThenElse(present, x, least));
  }
  const double n = hn::GetLane(hn::SumOfLanes(d, number));
  if (n == 0) return {};
  const double total = hn::GetLane(hn::SumOfLanes(d, sum)), mean = total / n;
  return {static_cast<std::int64_t>(n), near_mean + mean,
          std::max(hn::GetLane(hn::SumOfLanes(d, squares)) - total * mean, 0.0), hn::GetLane(hn::MinOfLanes(d, min)),
          hn::GetLane(hn::MaxOfLanes(d, max))};
}

void gather(const float* values, std::size_t count, const Operation* operations, std::size_t steps,
            Statistics& statistics) {
  HWY_ALIGN double piece[kRoom];
  const std::size_t whole = widen(values, count, piece);
  transform(piece, whole, operations, steps);
  for (std::size_t i = count; i < whole; ++i) piece[i] = std::nan("");
  double near_mean = statistics.count > 0 ? statistics.mean : 0;
  if (statistics.count == 0 || !std::isfinite(near_mean)) {
    const double* first = std::find_if(piece, piece + count, [](double x) { return std::isfinite(x); });
    near_mean = first == piece + count ? 0 : *first;
  }
  statistics = merged(statistics, statistics_of(piece, whole, near_mean));
}

void apply(const float* values, std::size_t count, const Operation* operations, std::size_t steps, float* into,
           std::size_t stride) {
  const D d;
  const hn::Rebind<float, D> f;
  HWY_ALIGN double piece[kRoom];
  HWY_ALIGN float narrow[kRoom];
  const std::size_t whole = widen(values, count, piece);
  transform(piece, whole, operations, steps);
  for (std::size_t i = 0; i < whole; i += hn::Lanes(d))
    hn::StoreU(hn::DemoteTo(f, hn::Load(d, piece + i)), f, narrow + i);
  for (std::size_t i = 0; i < count; ++i) into[i * stride] = narrow[i];
}

void copy_past_caches(const float* HWY_RESTRICT from, std::size_t count, float* HWY_RESTRICT into) {
  const hn::ScalableTag<float> d;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) hn::Stream(hn::Load(d, from + i), d, into + i);
}

const char* target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace overtake::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace overtake {

HWY_EXPORT(gather);
HWY_EXPORT(apply);
HWY_EXPORT(copy_past_caches);
HWY_EXPORT(target);

std::vector<Operation> operations_of(const Pipeline& pipeline, const Fitted& fitted, std::int64_t column,
                                     std::size_t steps) {
  std::vector<Operation> operations;
  for (std::size_t s = 0; s < steps; ++s) {
    const StepKind kind = pipeline.steps[s].kind;
    const double a = fitted.a(s, column), b = fitted.b(s, column);
    const bool scales = kind == StepKind::standardise || kind == StepKind::min_max;
    operations.push_back({kind, a, scales ? 1 / b : b});
  }
  return operations;
}

void gather_piece(const float* values, std::int64_t count, const std::vector<Operation>& operations,
                  Statistics& statistics) {
  HWY_DYNAMIC_DISPATCH(gather)
  (values, static_cast<std::size_t>(count), operations.data(), operations.size(), statistics);
}

void apply_piece(const float* values, std::int64_t count, const std::vector<Operation>& operations, float* into,
                 std::int64_t stride) {
  HWY_DYNAMIC_DISPATCH(apply)
  (values, static_cast<std::size_t>(count), operations.data(), operations.size(), into,
   static_cast<std::size_t>(stride));
}

void stream(const float* from, std::int64_t count, float* into) {
  HWY_DYNAMIC_DISPATCH(copy_past_caches)(from, static_cast<std::size_t>(count), into);
}

void finish_streams() { hwy::FlushStream(); }

const char* preprocess_target() { return HWY_DYNAMIC_DISPATCH(target)(); }

}  // namespace overtake
#endif  // HWY_ONCE
