// SPDX-License-Identifier: Apache-2.0
// Device memory with an owner. Used by every variant for GPUs.
#pragma once

#include <cstddef>
#include <utility>

#include "gpu/cuda/check.cuh"

namespace overtake::cuda {

/// `count` elements on the current device, contents undefined; none for 0. Throws std::runtime_error.
template <class T>
class Buffer {
 public:
  explicit Buffer(std::size_t count) : count_(count) {
    if (count > 0) OVERTAKE_CUDA_CHECK(cudaMalloc(reinterpret_cast<void**>(&data_), count * sizeof(T)));
  }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~Buffer() {
    if (data_ != nullptr) OVERTAKE_CUDA_IGNORE(cudaFree(data_));
  }

  T* data() const { return data_; }
  std::size_t size() const { return count_; }
  std::size_t bytes() const { return count_ * sizeof(T); }

 private:
  T* data_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace overtake::cuda
