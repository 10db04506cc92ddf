// SPDX-License-Identifier: Apache-2.0
// The ceilings' loops with every instruction set of this CPU.
#include "cpu/ceiling/engine/probes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "core/workload/ceiling.h"
#include "cpu/ceiling/engine/private_block.h"
#include "tests/highway_targets.h"

namespace overtake {
namespace {

constexpr std::int64_t kBlocks = 3, kCount = kBlocks * kProbeBlock;

// Two aligned blocks: whole numbers, and NaN with a canary behind.
struct Memory {
  Memory() : block((2 * kCount + 1) * sizeof(float)), from(static_cast<float*>(block.data())), to(from + kCount) {
    for (std::int64_t i = 0; i < kCount; ++i) from[i] = static_cast<float>(i % 13 - 5);
    std::fill_n(to, kCount, std::numeric_limits<float>::quiet_NaN());
    to[kCount] = 7;
  }
  PrivateBlock block;
  float *from, *to;
};

TEST(Probes, ReadSumsEveryElementInEveryPass) {
  for_each_highway_target([] {
    const Memory memory;
    const double sum = std::accumulate(memory.from, memory.from + kCount, 0.0);
    for (const std::int64_t passes : {0, 1, 2, 64, 65, 200})
      EXPECT_EQ(probes().read(memory.from, kCount, passes), static_cast<double>(passes) * sum) << passes;
    EXPECT_EQ(probes().read(memory.from, 0, 3), 0);
  });
}

TEST(Probes, CopiesCopyEveryElementAndNoneBehind) {
  for_each_highway_target([] {
    for (const auto copy : {probes().copy, probes().copy_nt}) {
      const Memory memory;
      copy(memory.from, memory.to, kCount, 2);
      EXPECT_TRUE(std::equal(memory.from, memory.from + kCount, memory.to));
      EXPECT_EQ(memory.to[kCount], 7);
    }
  });
}

template <class T>
void expect_every_step(void (*fma)(const T*, T, T, T*, std::int64_t)) {
  std::vector<T> x(Ceiling::kInRegisters), y(Ceiling::kInRegisters + 1, T(7));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i) * 1000 - 50000;
  fma(x.data(), T(-1), T(123456), y.data(), 1);
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(y[i], x[i] + Ceiling::kSteps / 2) << i;
  EXPECT_EQ(y.back(), T(7)) << "written behind the end";
}

TEST(Probes, MultiplyAddsDoEveryStepOfEveryElement) {
  for_each_highway_target([] {
    expect_every_step<float>(probes().fma_f32);
    expect_every_step<double>(probes().fma_f64);
  });
}

}  // namespace
}  // namespace overtake
