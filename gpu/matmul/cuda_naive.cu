// SPDX-License-Identifier: Apache-2.0
// One thread for each element of C, the textbook kernel, the one to explain. It wins over CPUs by thousands of threads
// at once; it costs a read of A and B from memory or cache for every product, so that the units mostly wait.
#include "core/registry/variant.h"
#include "core/workload/matmul.h"
#include "gpu/cuda/device.cuh"
#include "gpu/matmul/engine/device_operands.cuh"

namespace overtake {
namespace {

constexpr int kThreads = 256;

// a: m x k, b: k x n, c: m x n. Neighbours in a warp take neighbouring columns, so that B and C are read and written
// in whole lines, and an element of A is broadcast.
template <class T>
__global__ void naive_product(const T* a, const T* b, T* c, std::int64_t m, std::int64_t n, std::int64_t k) {
  const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (index >= m * n) return;
  const std::int64_t i = index / n, j = index % n;
  T sum = 0;
  for (std::int64_t l = 0; l < k; ++l) sum += a[i * k + l] * b[l * n + j];
  c[index] = sum;
}

template <class T>
class CudaNaive {
 public:
  static std::optional<std::string> unavailable() { return cuda::kernel_unavailable(naive_product<T>); }

  CudaNaive(const Matmul::Problem& p, const Resources&) : operands_(p) {
    if ((operands_.m() * operands_.n() + kThreads - 1) / kThreads > std::numeric_limits<int>::max())
      throw Skip("C has more elements than a grid of this kernel has threads");
  }

  void load(View<const T> a, View<const T> b, View<T> c) { operands_.load(a, b, c); }

  void run() {
    operands_.run([&](cudaStream_t stream) {
      if (operands_.empty()) return;
      const auto blocks = static_cast<unsigned>((operands_.m() * operands_.n() + kThreads - 1) / kThreads);
      naive_product<<<blocks, kThreads, 0, stream>>>(operands_.a(), operands_.b(), operands_.c(), operands_.m(),
                                                     operands_.n(), operands_.k());
    });
  }

  void store() { operands_.store(); }
  void poison() { operands_.poison(); }
  int workers() const { return 0; }
  double device_seconds() { return operands_.device_seconds(); }

 private:
  DeviceOperands<T> operands_;
};

}  // namespace

OVERTAKE_VARIANT(Matmul, cuda_naive, Strategy::gpu, CudaNaive, float, double);

}  // namespace overtake
