// SPDX-License-Identifier: Apache-2.0
// The kernels of the GPU ceilings on an emulated block.
#include "gpu/ceiling/engine/probe_kernels.cuh"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <vector>

#include "tests/gpu/emulated_block.h"
#include "tests/gpu/guarded_array.h"

namespace overtake {
namespace {

using emulated::Copies;
using emulated::Order;

template <class Kernel>
void run_blocks(std::int64_t blocks, Order order, const Kernel& kernel) {
  for (std::int64_t block = 0; block < blocks; ++block)
    emulated::run_block(ProbeKernels::kThreads, block, order, Copies::arrive_at_once, kernel);
}

GuardedArray<float>& whole_numbers(GuardedArray<float>& x) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 7 % 15) - 7;
  return x;
}

TEST(ProbeKernels, SumsReadEveryVectorOnce) {
  for (const std::int64_t vectors : {0, 1, 255, 1024, 6000, 6001})
    for (const std::int64_t blocks : {1, 5})
      for (const Order order : {Order::forward, Order::backward, Order::shuffled}) {
        GuardedArray<float> x(static_cast<std::size_t>(4 * vectors));
        whole_numbers(x);
        GuardedArray<double> shared(ProbeKernels::kThreads);
        std::vector<double> out(static_cast<std::size_t>(blocks), std::numeric_limits<double>::quiet_NaN());
        run_blocks(blocks, order, [&](const emulated::Block& self) {
          ProbeKernels::sum(self, reinterpret_cast<const Vector<float>*>(x.data()), vectors, blocks, shared.data(),
                            out.data());
        });
        double expected = 0;
        for (std::size_t i = 0; i < x.size(); ++i) expected += static_cast<double>(x[i]);
        EXPECT_EQ(std::accumulate(out.begin(), out.end(), 0.0), expected) << vectors << " in " << blocks;
      }
}

TEST(ProbeKernels, CopiesEveryVector) {
  for (const std::int64_t vectors : {0, 1, 257, 4096, 4999}) {
    GuardedArray<float> from(static_cast<std::size_t>(4 * vectors)), to(from.size());
    whole_numbers(from);
    run_blocks(3, Order::forward, [&](const emulated::Block& self) {
      ProbeKernels::copy(self, reinterpret_cast<const Vector<float>*>(from.data()),
                         reinterpret_cast<Vector<float>*>(to.data()), vectors, 3);
    });
    for (std::size_t i = 0; i < to.size(); ++i) ASSERT_EQ(to[i], from[i]) << i << " of " << vectors;
  }
}

template <class T>
void expect_half_the_steps_added() {
  constexpr int kPeriod = 384, kBlocks = 3, kHalf = 32;
  GuardedArray<T> x(kPeriod), y(kBlocks * ProbeKernels::kThreads * ProbeKernels::kChains);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i) - 100;
  run_blocks(kBlocks, Order::forward, [&](const emulated::Block& self) {
    ProbeKernels::multiply_add(self, x.data(), kPeriod, T{-1}, T{1234}, 2 * kHalf, y.data());
  });
  for (std::size_t i = 0; i < y.size(); ++i) ASSERT_EQ(y[i], x[i % kPeriod] + T{kHalf}) << i;
}

TEST(ProbeKernels, MultiplyAddsAddHalfTheirSteps) {
  expect_half_the_steps_added<float>();
  expect_half_the_steps_added<double>();
}

TEST(ProbeKernels, CountsWhatDoesNotRepeat) {
  constexpr std::int64_t kPeriod = 48, kCount = 20 * kPeriod;
  const auto different = [&](std::size_t at, float value) {
    std::vector<float> y(kCount);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<float>(i % kPeriod);
    y[at] = value;
    unsigned found = 0;
    run_blocks(2, Order::forward, [&](const emulated::Block& self) {
      ProbeKernels::count_different(self, y.data(), kCount, kPeriod, 2, &found);
    });
    return found;
  };
  EXPECT_EQ(different(0, 0), 0u);
  EXPECT_EQ(different(kCount - 1, 0), 1u);
  EXPECT_EQ(different(600, std::numeric_limits<float>::quiet_NaN()), 1u);
  EXPECT_EQ(different(5, -1), 19u);
}

}  // namespace
}  // namespace overtake
