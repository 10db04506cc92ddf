// SPDX-License-Identifier: Apache-2.0
// Device memory with an owner. Used by every variant for GPUs.
#pragma once

#include <cstddef>
#include <utility>

#include "gpu/cuda/pool.cuh"

namespace overtake::cuda {

/// managed: the driver moves pages between host and device when they are touched.
enum class Memory { device, managed };

/// `count` elements on the current device, contents undefined; none for 0. Throws Skip where there is too little
/// memory. Whoever puts work on a stream waits for it before a buffer of that work ends.
template <class T>
class Buffer {
 public:
  explicit Buffer(std::size_t count, Memory memory = Memory::device) : count_(count), memory_(memory) {
    if (count == 0) return;
    const std::size_t bytes = count * sizeof(T);
    data_ = static_cast<T*>(memory == Memory::managed ? allocate_managed(bytes) : allocate(bytes));
  }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)), memory_(other.memory_) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    std::swap(memory_, other.memory_);
    return *this;
  }
  ~Buffer() {
    if (data_ == nullptr) return;
    if (memory_ == Memory::managed)
      OVERTAKE_CUDA_IGNORE(cudaFree(data_));
    else
      release(data_);
  }

  T* data() const { return data_; }
  std::size_t size() const { return count_; }
  std::size_t bytes() const { return count_ * sizeof(T); }

 private:
  T* data_ = nullptr;
  std::size_t count_ = 0;
  Memory memory_ = Memory::device;
};

}  // namespace overtake::cuda
