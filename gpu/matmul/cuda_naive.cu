// SPDX-License-Identifier: Apache-2.0
// One thread for each element of C, neighbouring threads taking neighbouring rows: what comes to mind first. It wins
// over CPUs by thousands of threads at once; it costs a line of memory for every element that a warp reads of A or
// writes.
#include "gpu/matmul/engine/kernel_variant.cuh"
#include "gpu/matmul/engine/one_element_product.cuh"

namespace overtake {
namespace {

template <class T>
using CudaNaive = KernelVariant<T, NaiveProduct>;

}  // namespace

OVERTAKE_VARIANT(Matmul, cuda_naive, Strategy::gpu, CudaNaive, float, double, Bf16, Tf32);

}  // namespace overtake
