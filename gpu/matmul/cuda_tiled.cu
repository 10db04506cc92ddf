// SPDX-License-Identifier: Apache-2.0
// Tiles of A and B go through shared memory, which all threads of a block read. It should win over cuda_coalesced
// because an element comes from memory once for 32 products instead of once for one; it costs two barriers a tile, and
// shared memory must now deliver two numbers for every product.
#include "gpu/matmul/engine/kernel_variant.cuh"
#include "gpu/matmul/engine/tiled_product.cuh"

namespace overtake {
namespace {

template <class T>
using CudaTiled = KernelVariant<T, TiledProduct>;

}  // namespace

OVERTAKE_VARIANT(Matmul, cuda_tiled, Strategy::gpu, CudaTiled, float, double, Bf16, Tf32);

}  // namespace overtake
