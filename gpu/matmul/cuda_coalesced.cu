// SPDX-License-Identifier: Apache-2.0
// The same kernel with neighbouring threads on neighbouring columns. It should win over cuda_naive because a warp then
// reads B and writes C in whole lines, and one element of A for all; it costs nothing but the thought, and still reads
// both matrices from memory or cache for every product.
#include "gpu/matmul/engine/kernel_variant.cuh"
#include "gpu/matmul/engine/one_element_product.cuh"

namespace overtake {
namespace {

template <class T>
using CudaCoalesced = KernelVariant<T, CoalescedProduct>;

}  // namespace

OVERTAKE_VARIANT(Matmul, cuda_coalesced, Strategy::gpu, CudaCoalesced, float, double, Bf16, Tf32);

}  // namespace overtake
