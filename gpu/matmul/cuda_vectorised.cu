// SPDX-License-Identifier: Apache-2.0
// Loads and stores of 16 bytes. It should win over cuda_register_tiled because a quarter (f64: half) as many
// instructions move the same numbers; it costs the transposition of A's tile on its way into shared memory, and rows
// that do not begin on 16 bytes go element by element.
#include "gpu/matmul/engine/kernel_variant.cuh"
#include "gpu/matmul/engine/vectorised_product.cuh"

namespace overtake {
namespace {

template <class T>
using CudaVectorised = KernelVariant<T, VectorisedProduct>;

}  // namespace

OVERTAKE_VARIANT(Matmul, cuda_vectorised, Strategy::gpu, CudaVectorised, float, double);

}  // namespace overtake
