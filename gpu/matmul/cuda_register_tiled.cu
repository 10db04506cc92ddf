// SPDX-License-Identifier: Apache-2.0
// A thread computes a tile of C, not an element. It should win over cuda_tiled because 16 numbers read from shared
// memory now serve 64 products (f64: 8 serve 16); it costs registers, hence fewer threads at once, and small matrices
// no longer fill the GPU with blocks.
#include "gpu/matmul/engine/kernel_variant.cuh"
#include "gpu/matmul/engine/register_tiled_product.cuh"

namespace overtake {
namespace {

template <class T>
using CudaRegisterTiled = KernelVariant<T, RegisterTiledProduct>;

}  // namespace

OVERTAKE_VARIANT(Matmul, cuda_register_tiled, Strategy::gpu, CudaRegisterTiled, float, double);

}  // namespace overtake
