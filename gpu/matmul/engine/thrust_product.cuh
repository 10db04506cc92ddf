// SPDX-License-Identifier: Apache-2.0
// The product in terms of Thrust alone: thrust.cu runs it on the GPU, a test on Thrust's OpenMP backend.
#pragma once

#include <thrust/iterator/counting_iterator.h>
#include <thrust/transform.h>

#include <cstdint>

#include "gpu/cuda/host_device.cuh"

namespace overtake {

/// Element `index`, counted row by row, of the product of A (rows x k) and B (k x n), both without gaps.
template <class T>
struct ElementOfProduct {
  const T *a, *b;
  std::int64_t n, k;

  OVERTAKE_HOST_DEVICE T operator()(std::int64_t index) const {
    const T* row = a + index / n * k;
    const T* column = b + index % n;
    T sum = 0;
    for (std::int64_t l = 0; l < k; ++l) sum += row[l] * column[l * n];
    return sum;
  }
};

/// C (m x n) = A B, where `policy` says. Pointers are to memory of that system.
template <class Policy, class T>
void thrust_product(const Policy& policy, const T* a, const T* b, T* c, std::int64_t m, std::int64_t n,
                    std::int64_t k) {
  if (m == 0 || n == 0) return;
  const thrust::counting_iterator<std::int64_t> first(0);
  thrust::transform(policy, first, first + m * n, c, ElementOfProduct<T>{a, b, n, k});
}

}  // namespace overtake
