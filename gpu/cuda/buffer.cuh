// SPDX-License-Identifier: Apache-2.0
// Device memory with an owner. Used by every variant for GPUs.
#pragma once

#include <cstddef>
#include <utility>

#include "gpu/cuda/pool.cuh"

namespace overtake::cuda {

/// `count` elements on the current device, contents undefined; none for 0. Throws Skip where there is too little
/// memory. Whoever puts work on a stream waits for it before a buffer of that work ends.
template <class T>
class Buffer {
 public:
  explicit Buffer(std::size_t count) : count_(count) {
    if (count > 0) data_ = static_cast<T*>(allocate(count * sizeof(T)));
  }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~Buffer() {
    if (data_ != nullptr) release(data_);
  }

  T* data() const { return data_; }
  std::size_t size() const { return count_; }
  std::size_t bytes() const { return count_ * sizeof(T); }

 private:
  T* data_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace overtake::cuda
