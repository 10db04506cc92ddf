// SPDX-License-Identifier: Apache-2.0
// Makes the device's L2 cache cold before a run, for the parameter l2=cold.
#pragma once

#include "gpu/cuda/buffer.cuh"
#include "gpu/cuda/stream.cuh"

namespace overtake::cuda {

class L2Cache {
 public:
  L2Cache() : other_(2 * cache_bytes()) {}

  /// Fills the cache with lines that nobody needs; complete when it returns.
  void make_cold(const Stream& stream) {
    if (other_.size() == 0) return;
    OVERTAKE_CUDA_CHECK(cudaMemsetAsync(other_.data(), 0, other_.bytes(), stream.get()));
    stream.synchronize();
  }

 private:
  static std::size_t cache_bytes() {
    int device = 0, bytes = 0;
    OVERTAKE_CUDA_CHECK(cudaGetDevice(&device));
    OVERTAKE_CUDA_CHECK(cudaDeviceGetAttribute(&bytes, cudaDevAttrL2CacheSize, device));
    return static_cast<std::size_t>(bytes);
  }

  Buffer<unsigned char> other_;
};

}  // namespace overtake::cuda
