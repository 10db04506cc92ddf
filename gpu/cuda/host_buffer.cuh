// SPDX-License-Identifier: Apache-2.0
// Page-locked host memory with an owner: what the GPU can copy from and to by itself.
#pragma once

#include <cstddef>

#include "gpu/cuda/check.cuh"

namespace overtake::cuda {

/// `count` elements, contents undefined; none for 0. Throws std::runtime_error.
template <class T>
class HostBuffer {
 public:
  explicit HostBuffer(std::size_t count) : count_(count) {
    if (count > 0) OVERTAKE_CUDA_CHECK(cudaMallocHost(reinterpret_cast<void**>(&data_), count * sizeof(T)));
  }
  HostBuffer(const HostBuffer&) = delete;
  HostBuffer& operator=(const HostBuffer&) = delete;
  ~HostBuffer() {
    if (data_ != nullptr) OVERTAKE_CUDA_IGNORE(cudaFreeHost(data_));
  }

  T* data() const { return data_; }
  std::size_t size() const { return count_; }

 private:
  T* data_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace overtake::cuda
