// SPDX-License-Identifier: Apache-2.0
// bf16 and tf32 on Hopper's tensor cores. The copy engine brings tiles and takes C away, one thread of a block sends
// for them, two warpgroups multiply; blocks in pairs share what they read of B and stay for many tiles, which they take
// along a Hilbert curve. It should win over all before it because tensor cores do nearly all of a GPU's arithmetic and
// no thread waits for memory; it runs on compute capability 9.0 alone, and tf32 pays for a transposed copy of B. After
// pranjalssh/fast.cu, examples/matmul/matmul_12.cuh, and CUTLASS' sm90_mma_tma_gmma_ss_warpspecialized.
#include <algorithm>
#include <cstdlib>
#include <limits>

#include "gpu/cuda/device_block.cuh"
#include "gpu/cuda/device_cluster.cuh"
#include "gpu/cuda/tensor_map.cuh"
#include "gpu/matmul/engine/gpu_variant.cuh"
#include "gpu/matmul/engine/transposed_copy.cuh"
#include "gpu/matmul/engine/wgmma_product.cuh"

namespace overtake {
namespace {

template <class T>
__global__ void __cluster_dims__(WgmmaPlan<T>::kCluster, 1, 1) __launch_bounds__(WgmmaPlan<T>::kThreads, 1)
    wgmma_product_kernel(const __grid_constant__ CUtensorMap a, const __grid_constant__ CUtensorMap b,
                         const __grid_constant__ CUtensorMap c, const TileAt* tiles, int tile_count, int m, int n,
                         int k) {
  extern __shared__ unsigned char memory[];
  const cuda::DeviceCluster block;
  // The same place in every block, as they have the same memory.
  const std::uint32_t beyond = block.address(memory) % WgmmaPlan<T>::kAlignment;
  unsigned char* const shared = memory + (beyond == 0 ? 0 : WgmmaPlan<T>::kAlignment - beyond);
  WgmmaProduct<T>::run(block, WgmmaWork<CUtensorMap>{&a, &b, &c, tiles, tile_count, m, n, k}, shared);
}

__global__ void __launch_bounds__(TransposedCopy::kThreads) transposed_copy_kernel(TransposedCopy::Matrices x) {
  __shared__ float shared[TransposedCopy::kSharedElements];
  TransposedCopy::run(cuda::DeviceBlock{}, x, shared);
}

template <class T>
class CudaWgmma : public GpuVariant<T, CudaWgmma<T>> {
  using Plan = WgmmaPlan<T>;
  static constexpr std::size_t kRowMultiple = 16;  // bytes; what the copy engine asks of rows in memory

 public:
  using WholeProductsOnly = void;

  static std::optional<std::string> unavailable() {
    // To be taken away, with its mention in docs/gpu.md, once tests on a GPU have passed.
    if (std::getenv("OVERTAKE_UNTRIED") == nullptr)
      return "has not been run on a GPU yet: nobody knows whether it is right. OVERTAKE_UNTRIED=1 in the environment "
             "lets the tests that would tell run it";
    if (auto reason = cuda::device_unavailable()) return reason;
    int device = 0, major = 0, minor = 0;
    OVERTAKE_CUDA_CHECK(cudaGetDevice(&device));
    OVERTAKE_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
    OVERTAKE_CUDA_CHECK(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device));
    if (major != 9 || minor != 0)
      return "its instructions exist on compute capability 9.0 alone (H100, H200), and this GPU has " +
             std::to_string(major) + "." + std::to_string(minor);
    return cuda::kernel_unavailable(wgmma_product_kernel<T>);
  }

  CudaWgmma(const Matmul::Problem& p, const Resources&)
      : GpuVariant<T, CudaWgmma>(p, kRowMultiple),
        transposed_(Plan::kTransposesB ? 0 : static_cast<std::size_t>(p.n * this->operands().stride(p.k))),
        tiles_(tile_count(p)) {
    cuda::allow_shared_bytes(wgmma_product_kernel<T>, Plan::kSharedAsked);
    if (this->operands().empty() || p.k == 0) return;
    const auto order = hilbert_order(ceil_div(p.m, Plan::kClusterRows), ceil_div(p.n, Plan::kTileColumns));
    OVERTAKE_CUDA_CHECK(cudaMemcpy(tiles_.data(), order.data(), tiles_.bytes(), cudaMemcpyHostToDevice));
    make_maps(p);
    clusters_ = std::min(static_cast<int>(order.size()), clusters_at_once());
  }

  void launch_product(cudaStream_t stream) {
    const Product<T> p = this->operands().product();
    if (p.k == 0) return this->operands().fill_zero(stream);
    if constexpr (!Plan::kTransposesB) {
      const TransposedCopy::Matrices b{reinterpret_cast<const float*>(p.b), transposed_.data(),          p.k, p.n,
                                       this->operands().stride(p.n),        this->operands().stride(p.k)};
      transposed_copy_kernel<<<static_cast<unsigned>(b.blocks()), TransposedCopy::kThreads, 0, stream>>>(b);
    }
    wgmma_product_kernel<T>
        <<<static_cast<unsigned>(clusters_ * Plan::kCluster), Plan::kThreads, Plan::kSharedAsked, stream>>>(
            a_, b_, c_, tiles_.data(), static_cast<int>(tiles_.size()), static_cast<int>(p.m), static_cast<int>(p.n),
            static_cast<int>(p.k));
  }

 private:
  static std::size_t tile_count(const Matmul::Problem& p) {
    const std::int64_t count = ceil_div(p.m, Plan::kClusterRows) * ceil_div(p.n, Plan::kTileColumns);
    if (count > std::numeric_limits<int>::max()) throw Skip("C has more tiles than a grid has blocks");
    return static_cast<std::size_t>(count);
  }

  void make_maps(const Matmul::Problem& p) {
    // Bits as they are, but for tf32's operands, which the copy engine rounds (CUTLASS, sm90 builders: "TMA converts
    // f32 input to tf32 when copying from GMEM to SMEM").
    constexpr auto kIn = Plan::kTransposesB ? CU_TENSOR_MAP_DATA_TYPE_UINT16 : CU_TENSOR_MAP_DATA_TYPE_TFLOAT32;
    constexpr auto kOut = Plan::kTransposesB ? CU_TENSOR_MAP_DATA_TYPE_UINT16 : CU_TENSOR_MAP_DATA_TYPE_FLOAT32;
    const Product<T> x = this->operands().product();
    // nvcc does not keep an aggregate without its name as an argument.
    const auto matrix = [&](const void* data, CUtensorMapDataType type, std::int64_t rows, std::int64_t columns) {
      return cuda::TensorOf{const_cast<void*>(data), type, rows, columns,
                            this->operands().stride(columns) * static_cast<std::int64_t>(sizeof(T))};
    };
    const cuda::TensorOf b =
        Plan::kTransposesB ? matrix(x.b, kIn, p.k, p.n) : matrix(transposed_.data(), kIn, p.n, p.k);
    a_ = cuda::tensor_map(matrix(x.a, kIn, p.m, p.k), Plan::kTileRows, Plan::kDepth);
    b_ = cuda::tensor_map(b, Plan::kRowsOfBoxOfB, Plan::kRowElements);
    c_ = cuda::tensor_map(matrix(x.c, kOut, p.m, p.n), Plan::kRowsOfConsumer, Plan::kRowElements);
  }

  static int clusters_at_once() {
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(Plan::kCluster);
    config.blockDim = dim3(Plan::kThreads);
    config.dynamicSmemBytes = Plan::kSharedAsked;
    int clusters = 0;
    OVERTAKE_CUDA_CHECK(cudaOccupancyMaxActiveClusters(&clusters, wgmma_product_kernel<T>, &config));
    if (clusters == 0) throw Skip("this GPU has no room for a cluster of two blocks");
    return clusters;
  }

  cuda::Buffer<float> transposed_;
  cuda::Buffer<TileAt> tiles_;
  CUtensorMap a_{}, b_{}, c_{};
  int clusters_ = 0;
};

}  // namespace

OVERTAKE_VARIANT(Matmul, cuda_wgmma, Strategy::gpu, CudaWgmma, Bf16, Tf32);

}  // namespace overtake
