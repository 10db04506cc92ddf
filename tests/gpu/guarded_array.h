// SPDX-License-Identifier: Apache-2.0
// Memory that ends where no page follows: a kernel under test that reads or writes beyond it dies on the spot.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <span>
#include <system_error>

namespace overtake {

/// `count` NaNs. Begins on 16 bytes where its size is a multiple of as many.
template <class T>
class GuardedArray {
 public:
  explicit GuardedArray(std::size_t count) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t bytes = count * sizeof(T), pages = (bytes + page - 1) / page + 1;
    mapped_ = pages * page;
    memory_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    auto* end = static_cast<std::byte*>(memory_) + mapped_ - page;
    mprotect(end, page, PROT_NONE);
    values_ = {reinterpret_cast<T*>(end - bytes), count};
    poison();
  }
  GuardedArray(const GuardedArray&) = delete;
  GuardedArray& operator=(const GuardedArray&) = delete;
  ~GuardedArray() { munmap(memory_, mapped_); }

  void poison() { std::ranges::fill(values_, std::numeric_limits<T>::quiet_NaN()); }
  T* data() const { return values_.data(); }
  std::size_t size() const { return values_.size(); }
  T& operator[](std::size_t i) const { return values_[i]; }

 private:
  void* memory_ = nullptr;
  std::size_t mapped_ = 0;
  std::span<T> values_;
};

}  // namespace overtake
