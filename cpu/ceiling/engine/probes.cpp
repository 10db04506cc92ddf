// SPDX-License-Identifier: Apache-2.0
#include "cpu/ceiling/engine/probes.h"

#include <algorithm>

#include "core/workload/ceiling.h"

// Vectors of unknown size (SVE, RVV) cannot stand in arrays: NEON serves on those CPUs.
#include "hwy/detect_targets.h"
#if HWY_ARCH_ARM
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/ceiling/engine/probes.cpp"
#include "hwy/foreach_target.h"
// foreach_target.h has to come first
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace overtake::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Accumulators: at least units x latency (2 x 4 or 5 cycles on x86, 4 x 4 on large ARM cores), and with the three
// constants no more than there are registers; without a fused multiply-add one register less.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
inline constexpr int kAccumulators = 24;
#elif HWY_TARGET == HWY_AVX2
inline constexpr int kAccumulators = 12;
#else
inline constexpr int kAccumulators = 8;
#endif
inline constexpr int kUnroll = 8;  // vectors, for reads and copies

// What was stored may be read and what was read may have changed: every pass is done.
HWY_INLINE void forget_memory() { asm volatile("" ::: "memory"); }

template <class T>
void fma(const T* HWY_RESTRICT x, T factor, T addend, T* HWY_RESTRICT y, std::int64_t passes) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>()), kGroup = kAccumulators * kLanes;
  static_assert(Ceiling::kInRegisters % kGroup == 0, "groups must cover the elements exactly");
  const V multiplier = hn::Set(d, factor), first = hn::Set(d, addend), second = hn::Set(d, addend + 1);
  for (std::int64_t pass = 0; pass < passes; ++pass) {
    for (std::int64_t group = 0; group < Ceiling::kInRegisters; group += kGroup) {
      V sum[kAccumulators];
      HWY_UNROLL(24)
      for (int i = 0; i < kAccumulators; ++i) sum[i] = hn::LoadU(d, x + group + i * kLanes);
      for (std::int64_t step = 0; step < Ceiling::kSteps; step += 2) {
        HWY_UNROLL(24)
        for (int i = 0; i < kAccumulators; ++i) sum[i] = hn::MulAdd(sum[i], multiplier, first);
        HWY_UNROLL(24)
        for (int i = 0; i < kAccumulators; ++i) sum[i] = hn::MulAdd(sum[i], multiplier, second);
      }
      HWY_UNROLL(24)
      for (int i = 0; i < kAccumulators; ++i) hn::StoreU(sum[i], d, y + group + i * kLanes);
    }
    forget_memory();
  }
}

void fma_f32(const float* x, float factor, float addend, float* y, std::int64_t passes) {
  fma(x, factor, addend, y, passes);
}
void fma_f64(const double* x, double factor, double addend, double* y, std::int64_t passes) {
  fma(x, factor, addend, y, passes);
}

inline constexpr std::int64_t kFloats = hn::MaxLanes(hn::ScalableTag<float>());
inline constexpr std::int64_t kStride = kUnroll * kFloats;
static_assert(kProbeBlock % kStride == 0);

HWY_NOINLINE double read_passes(const float* x, std::int64_t count, std::int64_t passes) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  V sum[kUnroll];
  HWY_UNROLL(8)
  for (int i = 0; i < kUnroll; ++i) sum[i] = hn::Zero(d);
  for (std::int64_t pass = 0; pass < passes; ++pass) {
    for (std::int64_t at = 0; at < count; at += kStride) {
      HWY_UNROLL(8)
      for (int i = 0; i < kUnroll; ++i) sum[i] = hn::Add(sum[i], hn::Load(d, x + at + i * kFloats));
    }
    forget_memory();
  }
  double total = 0;
  for (int i = 0; i < kUnroll; ++i) {
    HWY_ALIGN float lanes[kFloats];
    hn::Store(sum[i], d, lanes);
    for (const float lane : lanes) total += static_cast<double>(lane);
  }
  return total;
}

double read(const float* x, std::int64_t count, std::int64_t passes) {
  // Sums of floats are moved to a double before they leave the whole numbers that floats hold.
  constexpr std::int64_t kPassesAtOnce = 64;
  double total = 0;
  for (std::int64_t done = 0; done < passes; done += kPassesAtOnce)
    total += read_passes(x, count, std::min(kPassesAtOnce, passes - done));
  return total;
}

template <bool kPastCaches>
HWY_INLINE void copy_any(const float* HWY_RESTRICT from, float* HWY_RESTRICT to, std::int64_t count,
                         std::int64_t passes) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  for (std::int64_t pass = 0; pass < passes; ++pass) {
    for (std::int64_t at = 0; at < count; at += kStride) {
      V block[kUnroll];
      HWY_UNROLL(8)
      for (int i = 0; i < kUnroll; ++i) block[i] = hn::Load(d, from + at + i * kFloats);
      HWY_UNROLL(8)
      for (int i = 0; i < kUnroll; ++i) {
        if constexpr (kPastCaches)
          hn::Stream(block[i], d, to + at + i * kFloats);
        else
          hn::Store(block[i], d, to + at + i * kFloats);
      }
    }
    if constexpr (kPastCaches) hwy::FlushStream();
    forget_memory();
  }
}

void copy(const float* from, float* to, std::int64_t count, std::int64_t passes) {
  copy_any<false>(from, to, count, passes);
}
void copy_nt(const float* from, float* to, std::int64_t count, std::int64_t passes) {
  copy_any<true>(from, to, count, passes);
}

Probes all_probes() { return {hwy::TargetName(HWY_TARGET), fma_f32, fma_f64, read, copy, copy_nt}; }

}  // namespace overtake::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace overtake {

HWY_EXPORT(all_probes);
Probes probes() { return HWY_DYNAMIC_DISPATCH(all_probes)(); }

}  // namespace overtake
#endif  // HWY_ONCE
