// SPDX-License-Identifier: Apache-2.0
// Copies from memory to shared memory run beside the arithmetic (cp.async, a ring of four stages), and a thread reads
// its next fragment before it needs it. It should win over cuda_warp_tiled because neither memory nor shared memory is
// waited for; it costs four times the shared memory, and A is copied element by element to be transposed on the way.
// After CUTLASS, "Efficient GEMM in CUDA" (docs/efficient_gemm.md), pipelining.
#include "gpu/matmul/engine/async_product.cuh"
#include "gpu/matmul/engine/kernel_variant.cuh"

namespace overtake {
namespace {

template <class T>
using CudaAsync = KernelVariant<T, AsyncProduct>;

}  // namespace

OVERTAKE_VARIANT(Matmul, cuda_async, Strategy::gpu, CudaAsync, float, double);

}  // namespace overtake
