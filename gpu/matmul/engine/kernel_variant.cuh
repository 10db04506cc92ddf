// SPDX-License-Identifier: Apache-2.0
// Makes a variant of a kernel body of this folder: the __global__ function around it, its launch, its registration's
// class. A body is a class template over the element type and over whether rows are aligned to 16 bytes, with
//   kThreads, kTileRows, kTileColumns, kSharedElements   what a block has and computes
//   kUsesAlignment                                       whether the second parameter makes a difference
//   template <class Block> static void run(const Block&, const Product<T>&, T* shared)
// and sees its block through `Block`: cuda::DeviceBlock here, an emulated one in tests/gpu.
#pragma once

#include <limits>
#include <optional>
#include <string>

#include "gpu/cuda/device_block.cuh"
#include "gpu/matmul/engine/gpu_variant.cuh"

namespace overtake {

/// Blocks that a multiprocessor must have room for, which limits a thread's registers; 0: as the compiler likes.
template <class Body>
constexpr int kBlocksAtOnce = 0;
template <class Body>
  requires requires { Body::kBlocksAtOnce; }
constexpr int kBlocksAtOnce<Body> = Body::kBlocksAtOnce;

template <class T, class Body>
__global__ void __launch_bounds__(Body::kThreads, kBlocksAtOnce<Body>) product_kernel(const Product<T> p) {
  extern __shared__ __align__(16) unsigned char shared[];
  Body::run(cuda::DeviceBlock{}, p, reinterpret_cast<T*>(shared));
}

template <class T, template <class, bool> class Body>
class KernelVariant : public GpuVariant<T, KernelVariant<T, Body>> {
 public:
  static std::optional<std::string> unavailable() {
    return cuda::kernel_unavailable(product_kernel<T, Body<T, false>>);
  }

  KernelVariant(const Matmul::Problem& p, const Resources&) : GpuVariant<T, KernelVariant>(p) {
    if (blocks() > std::numeric_limits<int>::max()) throw Skip("C has more tiles than a grid has blocks");
    allow_shared<false>();
    if constexpr (Body<T, true>::kUsesAlignment) allow_shared<true>();
  }

  void launch_product(cudaStream_t stream) {
    if constexpr (Body<T, true>::kUsesAlignment)
      if (rows_are_aligned(this->operands().product())) return launch<true>(stream);
    launch<false>(stream);
  }

 private:
  template <bool kAligned>
  static constexpr std::size_t kSharedBytes = Body<T, kAligned>::kSharedElements * sizeof(T);

  std::int64_t blocks() const {
    const Product<T> p = this->operands().product();
    return ceil_div(p.m, Body<T, false>::kTileRows) * ceil_div(p.n, Body<T, false>::kTileColumns);
  }

  template <bool kAligned>
  static void allow_shared() {
    cuda::allow_shared_bytes(product_kernel<T, Body<T, kAligned>>, kSharedBytes<kAligned>);
  }

  template <bool kAligned>
  void launch(cudaStream_t stream) {
    product_kernel<T, Body<T, kAligned>>
        <<<static_cast<unsigned>(blocks()), Body<T, kAligned>::kThreads, kSharedBytes<kAligned>, stream>>>(
            this->operands().product());
  }
};

}  // namespace overtake
