// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/ceilings.h"

#include <gtest/gtest.h>

#include "core/registry/registry.h"

namespace overtake::bench {
namespace {

const std::vector<CacheLevel> kCaches = {{1, 32 << 10, 1}, {2, 1 << 20, 1}, {3, 32 << 20, 8}};

std::vector<Served> served(double bytes, int workers) { return served_from({.bytes_read = bytes}, workers, kCaches); }

TEST(Ceilings, AWorkingSetThatFitsALevelIsServedByIt) {
  const auto parts = served(512 << 10, 1);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].level, "L2");
  EXPECT_EQ(served(20 << 10, 1)[0].level, "L1");
  EXPECT_EQ(served(1e9, 1)[0].level, "memory");
}

TEST(Ceilings, ALittleMoreThanALevelMayFindThatMuchInIt) {
  const auto parts = served(40 << 20, 1);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].level, "L3");
  EXPECT_EQ(parts[0].bytes, 32 << 20);
  EXPECT_EQ(parts[1].level, "memory");
  EXPECT_EQ(parts[1].bytes, 8 << 20);
}

TEST(Ceilings, PrivateCachesAddUpAndSharedOnesDoNot) {
  EXPECT_EQ(served(60 << 10, 2)[0].level, "L1");
  EXPECT_EQ(served(60 << 10, 1)[0].level, "L1");  // part of it
  EXPECT_EQ(served(60 << 10, 1)[1].level, "L2");
  EXPECT_EQ(served(33 << 20, 8)[1].level, "memory");
}

TEST(Ceilings, WithoutKnownCachesMemoryServesAll) {
  EXPECT_EQ(served_from({.bytes_read = 100}, 1, {})[0].level, "memory");
}

std::vector<std::string> gpu_ceilings(const std::string& name, const Cost& cost) {
  std::vector<std::string> names;
  for (const Cell& cell : ceilings_of(Cell::parse(name), cost)) names.push_back(cell.variant);
  return names;
}

class GpuCeilings : public ::testing::Test {
 protected:
  void SetUp() override {
    if (Registry::global().find("matmul", "cuda_naive") == nullptr) GTEST_SKIP() << "built without CUDA";
  }
  using Names = std::vector<std::string>;
  const Cost small{.flops = 2e9, .bytes_read = 8e6, .bytes_written = 4e6, .fma = Dtype::f32};
  const std::string kernel = "matmul/cuda_naive/f32/kernel/m:8/n:8/k:8/workers:1";
  const std::string whole = "matmul/cuda_naive/f32/end_to_end/m:8/n:8/k:8/workers:1";
};

TEST_F(GpuCeilings, AreThoseThatNothingGetsAround) {
  EXPECT_EQ(gpu_ceilings(kernel, small), Names{"gpu_fma"});
  EXPECT_EQ(gpu_ceilings(whole, small), (Names{"gpu_fma", "h2d_pinned", "h2d_pageable", "d2h_pinned", "d2h_pageable"}));
  Cost large = small;
  large.bytes_read = 1e9;
  EXPECT_EQ(gpu_ceilings(kernel, large), (Names{"gpu_fma", "gpu_read", "gpu_copy"}));
  Cost doubles = small;
  doubles.fma = Dtype::f64;  // tensor cores compute them
  EXPECT_EQ(gpu_ceilings("matmul/cuda_naive/f64/device/m:8/n:8/k:8/workers:1", doubles), Names{});
  // Each of ten runs has a tenth of the transfers.
  EXPECT_EQ(gpu_ceilings("matmul/cuda_naive/f32/end_to_end/m:8/n:8/k:8/calls=10/workers:1", small), Names{"gpu_fma"});
}

TEST_F(GpuCeilings, BoundByWhatTakesLongest) {
  Ceilings ceilings;
  const auto add = [&](const char* cell, double rate) {
    const Cell probe = Cell::parse(std::string("ceiling/") + cell + "/workers:1");
    ceilings.add(probe,
                 {.flops = rate, .bytes_read = rate, .fma = probe.variant == "gpu_fma" ? Dtype::f32 : Dtype::none}, 1);
  };
  add("gpu_fma/f32/kernel/level:gpu_registers", 50e12);
  add("h2d_pinned/f32/kernel/level:gpu_link", 50e9);
  add("h2d_pageable/f32/kernel/level:gpu_link", 10e9);
  EXPECT_EQ(ceilings.share(Cell::parse(whole), small, 1e-3).bound, "");  // not every probe ran
  add("d2h_pageable/f32/kernel/level:gpu_link", 10e9);
  const auto slow = ceilings.share(Cell::parse(whole), small, 1e-3);
  EXPECT_EQ(slow.bound, "d2h");  // 0.4 ms, against 0.16 ms in and 0.04 ms of multiply-adds
  EXPECT_DOUBLE_EQ(slow.fraction, 0.4);
  add("d2h_pinned/f32/kernel/level:gpu_link", 50e9);
  const auto fast = ceilings.share(Cell::parse(whole), small, 1e-3);
  EXPECT_EQ(fast.bound, "h2d");
  EXPECT_DOUBLE_EQ(fast.fraction, 0.16);
  const auto alone = ceilings.share(Cell::parse(kernel), small, 50e-6);
  EXPECT_EQ(alone.bound, "gpu_fma");
  EXPECT_DOUBLE_EQ(alone.fraction, 0.8);
}

}  // namespace
}  // namespace overtake::bench
