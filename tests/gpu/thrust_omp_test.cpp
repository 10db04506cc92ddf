// SPDX-License-Identifier: Apache-2.0
// The logic of matmul's Thrust variant on Thrust's OpenMP backend, so that machines without a GPU test it.
#include <gtest/gtest.h>
#include <thrust/system/omp/execution_policy.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/random.h"
#include "gpu/matmul/engine/thrust_product.cuh"

namespace overtake {
namespace {

template <class T>
void expect_right(std::int64_t m, std::int64_t n, std::int64_t k) {
  std::vector<T> a(static_cast<std::size_t>(m * k)), b(static_cast<std::size_t>(k * n));
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = RandomStream(Seed{7}, 1).symmetric<T>(i);
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = RandomStream(Seed{7}, 2).symmetric<T>(i);
  std::vector<T> c(static_cast<std::size_t>(m * n), std::numeric_limits<T>::quiet_NaN());
  thrust_product(thrust::omp::par, a.data(), b.data(), c.data(), m, n, k);
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::int64_t l = 0; l < k; ++l)
        sum += static_cast<double>(a[static_cast<std::size_t>(i * k + l)]) *
               static_cast<double>(b[static_cast<std::size_t>(l * n + j)]);
      const double tolerance = static_cast<double>(k * k) * std::numeric_limits<T>::epsilon();
      ASSERT_TRUE(std::abs(static_cast<double>(c[static_cast<std::size_t>(i * n + j)]) - sum) <= tolerance)
          << m << 'x' << n << 'x' << k << " at " << i << ',' << j;
    }
}

TEST(ThrustOmp, ComputesTheProductForShapesWithNoughtsOnesAndPrimes) {
  for (const std::int64_t m : {0, 1, 2, 31, 64})
    for (const std::int64_t n : {0, 1, 3, 37, 64})
      for (const std::int64_t k : {0, 1, 5, 41}) {
        ASSERT_NO_FATAL_FAILURE(expect_right<float>(m, n, k));
        ASSERT_NO_FATAL_FAILURE(expect_right<double>(m, n, k));
      }
}

}  // namespace
}  // namespace overtake
