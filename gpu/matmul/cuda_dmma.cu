// SPDX-License-Identifier: Apache-2.0
// f64 on tensor cores (mma.sync of doubles), fed as cuda_async feeds its threads. It should win over cuda_async because
// an instruction of a warp does 512 multiply-adds instead of 32, at twice the rate of the general units on A100, H100
// and H200; it costs nothing where there are such tensor cores, and elsewhere (GeForce, L40) it is slow.
// After the fragments in the PTX ISA, "Warp-level Matrix Instructions: mma", and CUTLASS, "Efficient GEMM in CUDA".
#include "gpu/matmul/engine/dmma_product.cuh"
#include "gpu/matmul/engine/kernel_variant.cuh"

namespace overtake {
namespace {

template <class T>
using CudaDmma = KernelVariant<T, DmmaProduct>;

}  // namespace

OVERTAKE_VARIANT(Matmul, cuda_dmma, Strategy::gpu, CudaDmma, double);

}  // namespace overtake
