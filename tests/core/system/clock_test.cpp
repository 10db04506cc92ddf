// SPDX-License-Identifier: Apache-2.0
#include "core/system/clock.h"

#include <gtest/gtest.h>

#include <chrono>

namespace overtake {
namespace {

CpuId cpu(const char* vendor, int family, int model, bool avx512f, const char* brand = "") {
  CpuId out;
  out.vendor = vendor;
  out.brand = brand;
  out.family = family;
  out.model = model;
  out.avx2_fma = true;
  out.avx512f = avx512f;
  return out;
}

TEST(MeasuredClock, IsOfARealCoreAndTakesLittleTime) {
  const auto start = std::chrono::steady_clock::now();
  const double hz = measured_clock_hz();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  RecordProperty("hz", std::to_string(hz));
  EXPECT_GT(hz, 0.4e9);
  EXPECT_LT(hz, 8e9);
  EXPECT_LT(seconds, 1.0) << "25 ms on an idle machine";
}

TEST(FmaPeak, FollowsTheWidthAndNumberOfUnits) {
  EXPECT_EQ(fma_peak(cpu("AuthenticAMD", 0x17, 0x01, false)).flops_per_cycle_f32, 16);  // Zen 1
  EXPECT_EQ(fma_peak(cpu("AuthenticAMD", 0x17, 0x31, false)).flops_per_cycle_f32, 32);  // Zen 2
  EXPECT_EQ(fma_peak(cpu("AuthenticAMD", 0x19, 0x01, false)).flops_per_cycle_f64, 16);  // Zen 3
  EXPECT_EQ(fma_peak(cpu("AuthenticAMD", 0x19, 0x11, true)).flops_per_cycle_f32, 32);   // Zen 4
  EXPECT_EQ(fma_peak(cpu("AuthenticAMD", 0x1a, 0x02, true)).flops_per_cycle_f32, 64);   // Zen 5
  EXPECT_EQ(fma_peak(cpu("AuthenticAMD", 0x1a, 0x24, true)).flops_per_cycle_f32, 32);   // Zen 5, halved units
  EXPECT_EQ(fma_peak(cpu("GenuineIntel", 6, 0x9e, false)).flops_per_cycle_f32, 32);     // Coffee Lake
  EXPECT_EQ(fma_peak(cpu("GenuineIntel", 6, 0x6a, true)).flops_per_cycle_f64, 32);      // Ice Lake server
  EXPECT_EQ(fma_peak(cpu("GenuineIntel", 6, 0x8c, true)).flops_per_cycle_f32, 32);      // Tiger Lake
  EXPECT_EQ(fma_peak(cpu("GenuineIntel", 6, 0x55, true, "Intel(R) Xeon(R) Gold 6148")).flops_per_cycle_f32, 64);
  EXPECT_EQ(fma_peak(cpu("GenuineIntel", 6, 0x55, true, "Intel(R) Xeon(R) Silver 4110")).flops_per_cycle_f32, 32);
  EXPECT_EQ(fma_peak(cpu("GenuineIntel", 6, 0x55, false)).flops_per_cycle_f32, 32) << "AVX-512 hidden";
}

TEST(FmaPeak, IsUnknownRatherThanGuessed) {
  EXPECT_FALSE(fma_peak(CpuId{}).known) << "not an x86-64 CPU";
  EXPECT_FALSE(fma_peak(cpu("AuthenticAMD", 0x1b, 0x01, true)).known) << "a family to come";
  EXPECT_FALSE(fma_peak(cpu("GenuineIntel", 6, 0xfe, false)).known) << "a model to come";
  EXPECT_FALSE(fma_peak(cpu("GenuineIntel", 6, 0x55, true, "Intel(R) Xeon(R) Gold 5115")).known);
  CpuId zen1 = cpu("AuthenticAMD", 0x17, 0x01, false);
  zen1.virtualised = true;
  EXPECT_FALSE(fma_peak(zen1).known) << "the generic model of virtual machines";
  CpuId small = cpu("GenuineIntel", 6, 0x97, false);
  small.hybrid_small = true;
  EXPECT_FALSE(fma_peak(small).known);
  CpuId old = cpu("GenuineIntel", 6, 0x9e, false);
  old.avx2_fma = false;
  EXPECT_FALSE(fma_peak(old).known);
}

TEST(FmaPeak, OfThisMachineIsPlausible) {
  const FmaPeak peak = fma_peak();
  if (!peak.known) GTEST_SKIP() << "the FMA units of this CPU model are not known";
  EXPECT_GE(peak.flops_per_cycle_f32, 16);
  EXPECT_EQ(peak.flops_per_cycle_f32, 2 * peak.flops_per_cycle_f64);
}

}  // namespace
}  // namespace overtake
