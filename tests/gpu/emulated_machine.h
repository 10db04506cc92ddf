// SPDX-License-Identifier: Apache-2.0
// The CPU in the place of cuda::Machine: whole computations of gpu/preprocess and gpu/summarize run on emulated blocks,
// in an order of threads that changes from launch to launch, in memory that ends where nobody may touch.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include "tests/gpu/emulated_block.h"
#include "tests/gpu/guarded_array.h"

namespace overtake::emulated {

class Machine {
 public:
  template <class T>
  class Buffer {
   public:
    /// Begins on 16 bytes, as vectors do, and so ends up to 15 bytes before the page that nobody may touch.
    explicit Buffer(std::size_t count)
        : count_(count), memory_(sizeof(T) < 16 ? (count + kEach - 1) / kEach * kEach : count) {}
    T* data() const { return memory_.data(); }
    std::size_t size() const { return count_; }
    std::size_t bytes() const { return count_ * sizeof(T); }

   private:
    static constexpr std::size_t kEach = sizeof(T) < 16 ? 16 / sizeof(T) : 1;
    std::size_t count_;
    GuardedArray<T> memory_;
  };

  /// Few, so that blocks have several tiles of a small table.
  explicit Machine(std::int64_t blocks_at_once = 5) : blocks_at_once_(blocks_at_once) {}

  template <class Kernel>
  std::int64_t blocks_at_once() const {
    return blocks_at_once_;
  }

  template <class Kernel>
  void launch(const Kernel& kernel, std::int64_t blocks) const {
    static_assert(Kernel::kSharedBytes <= (48 << 10));
    constexpr Order kOrders[] = {Order::forward, Order::backward, Order::shuffled};
    const Order order = kOrders[launches_++ % 3];
    const GuardedArray<double> shared(Kernel::kSharedBytes / sizeof(double));
    // Backwards, as no block may need another.
    for (std::int64_t block = blocks - 1; block >= 0; --block) {
      std::ranges::fill_n(shared.data(), static_cast<std::ptrdiff_t>(shared.size()),
                          std::numeric_limits<double>::quiet_NaN());
      run_block(Kernel::kThreads, block, order, Copies::arrive_at_once,
                [&](const Block& self) { kernel(self, reinterpret_cast<unsigned char*>(shared.data())); });
    }
  }

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

  std::size_t sort_bytes(std::int64_t) const { return 0; }
  void sort(const unsigned* from, unsigned* to, std::int64_t count, const Buffer<unsigned char>&) const {
    std::copy_n(from, count, to);
    std::sort(to, to + count);
  }
  void synchronize() const {}

 private:
  template <class T>
  void fill(const Buffer<T>& buffer, int byte) const {
    if (buffer.size() > 0) std::memset(static_cast<void*>(buffer.data()), byte, buffer.bytes());
  }

  std::int64_t blocks_at_once_;
  mutable std::size_t launches_ = 0;
};

}  // namespace overtake::emulated
