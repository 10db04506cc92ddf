// SPDX-License-Identifier: Apache-2.0
// Memory that other processes can map: the harness keeps inputs and outputs here, so that the processes strategy and
// cold starts pass a file descriptor instead of copying.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>

namespace overtake {

/// A growing region backed by a memfd. The address of what was allocated never changes. Not thread-safe.
class Arena {
 public:
  Arena();
  /// Maps what another process allocated, and owns `fd` from then on: the same calls of allocate() return the same
  /// blocks.
  static Arena attach(int fd);
  Arena(Arena&&) noexcept;
  Arena& operator=(Arena&&) noexcept;
  ~Arena();

  /// `count` zeroed elements, aligned to kAlignment bytes. Throws std::runtime_error that names the size where there
  /// is no room; an attached arena cannot grow.
  template <class T>
  std::span<T> allocate(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T>, "other processes see the bytes only");
    return {static_cast<T*>(allocate_bytes(count, sizeof(T))), count};
  }

  /// No process can resize it from now on; allocate() past the present size throws.
  void seal();
  int fd() const { return fd_; }
  std::size_t size() const { return mapped_; }

  static constexpr std::size_t kAlignment = 128;  // two cache lines: adjacent-line prefetch cannot share one

  /// Where a block lies if it lies in a live arena of this process.
  struct Place {
    int fd;
    std::size_t offset, arena_bytes;
  };
  static std::optional<Place> find(const void* block, std::size_t bytes);

 private:
  struct Attached {};
  explicit Arena(Attached) {}
  void* allocate_bytes(std::size_t count, std::size_t element);
  void grow_to(std::size_t bytes);

  int fd_ = -1;
  std::byte* base_ = nullptr;
  std::size_t reserved_ = 0, mapped_ = 0, used_ = 0;
  bool fixed_ = false;
};

}  // namespace overtake
