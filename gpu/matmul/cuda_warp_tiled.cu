// SPDX-License-Identifier: Apache-2.0
// The tile of a block is divided among its warps, and each warp's among its lanes, so that the lanes of a warp read a
// compact part of both tiles. It should win over cuda_vectorised because fewer different vectors come from shared
// memory for the same products, without bank conflicts, and blocks in flight share what the L2 cache holds; it costs
// nothing but arithmetic on indices.
#include "gpu/matmul/engine/kernel_variant.cuh"
#include "gpu/matmul/engine/warp_tiled_product.cuh"

namespace overtake {
namespace {

template <class T>
using CudaWarpTiled = KernelVariant<T, WarpTiledProduct>;

}  // namespace

OVERTAKE_VARIANT(Matmul, cuda_warp_tiled, Strategy::gpu, CudaWarpTiled, float, double);

}  // namespace overtake
