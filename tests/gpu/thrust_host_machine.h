// SPDX-License-Identifier: Apache-2.0
// The CPU in the place of cuda::ThrustMachine: Thrust's OpenMP backend on plain memory, so that machines without a GPU
// run the variants `thrust` whole. The backend's policy is for who includes this to say: this does without Thrust.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace overtake {

template <class Policy>
class ThrustHostMachine {
 public:
  template <class T>
  class Buffer {
   public:
    explicit Buffer(std::size_t count) : memory_(count) {}
    // Whoever has a buffer of a GPU's memory may write there.
    T* data() const { return const_cast<T*>(memory_.data()); }
    std::size_t size() const { return memory_.size(); }

   private:
    std::vector<T> memory_;
  };

  Policy policy() const { return {}; }

  template <class T>
  void fill_zeros(const Buffer<T>& buffer) const {
    fill(buffer, 0);
  }
  template <class T>
  void fill_ones(const Buffer<T>& buffer) const {
    fill(buffer, 0xFF);
  }
  template <class T>
  void copy(T* to, const T* from, std::size_t count) const {
    std::copy_n(from, count, to);
  }
  template <class T>
  void copy_rows(T* to, std::int64_t to_stride, const T* from, std::int64_t from_stride, std::int64_t rows,
                 std::int64_t cols) const {
    for (std::int64_t i = 0; i < rows; ++i) std::copy_n(from + i * from_stride, cols, to + i * to_stride);
  }
  void synchronize() const {}

 private:
  template <class T>
  void fill(const Buffer<T>& buffer, int byte) const {
    if (buffer.size() > 0) std::memset(buffer.data(), byte, buffer.size() * sizeof(T));
  }
};

}  // namespace overtake
