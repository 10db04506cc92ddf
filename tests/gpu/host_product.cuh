// SPDX-License-Identifier: Apache-2.0
// A variant of matmul for a GPU that is none: everything but the kernel is what every GPU variant has, and the kernel
// is three loops that run when tests/gpu/fake_cuda.cuh comes to them. And a plain one for a CPU beside it.
#pragma once

#include "gpu/matmul/engine/gpu_variant.cuh"
#include "tests/gpu/fake_cuda.cuh"

namespace overtake {

template <class T>
class HostProduct : public GpuVariant<T, HostProduct<T>> {
 public:
  static std::optional<std::string> unavailable() { return cuda::device_unavailable(); }

  HostProduct(const Matmul::Problem& p, const Resources&) : GpuVariant<T, HostProduct>(p) {}

  void launch_product(cudaStream_t stream) {
    fake_cuda::launch(stream, [p = this->operands().product()] {
      for (std::int64_t i = 0; i < p.m; ++i)
        for (std::int64_t j = 0; j < p.n; ++j) {
          T sum = 0;
          for (std::int64_t l = 0; l < p.k; ++l) sum += p.a[i * p.k + l] * p.b[l * p.n + j];
          p.c[i * p.n + j] = sum;
        }
    });
  }
};

template <class T>
struct PlainProduct {
  PlainProduct(const Matmul::Problem&, const Resources&) {}
  void load(View<const T> a_in, View<const T> b_in, View<T> c_out) { a = a_in, b = b_in, c = c_out; }
  void run() {
    for (std::int64_t i = 0; i < c.rows; ++i)
      for (std::int64_t j = 0; j < c.cols; ++j) {
        c(i, j) = 0;
        for (std::int64_t l = 0; l < a.cols; ++l) c(i, j) += a(i, l) * b(l, j);
      }
  }
  void store() {}
  View<const T> a, b;
  View<T> c;
};

}  // namespace overtake
