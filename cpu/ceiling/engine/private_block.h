// SPDX-License-Identifier: Apache-2.0
// Memory for one worker of a ceiling: whole huge pages where the system grants them, placed by the worker that touches
// it first, so that neither address translation nor a far memory lowers the ceiling.
#pragma once

#include <cstddef>
#include <utility>

namespace overtake {

class PrivateBlock {
 public:
  PrivateBlock() = default;
  /// Zeroed, not yet in memory. Throws std::runtime_error where there is no room.
  explicit PrivateBlock(std::size_t bytes);
  PrivateBlock(PrivateBlock&& other) noexcept
      : base_(std::exchange(other.base_, nullptr)), reserved_(std::exchange(other.reserved_, 0)) {}
  PrivateBlock& operator=(PrivateBlock&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(reserved_, other.reserved_);
    return *this;
  }
  ~PrivateBlock();

  /// Aligned to a huge page (2 MiB).
  void* data() const;

 private:
  void* base_ = nullptr;
  std::size_t reserved_ = 0;
};

}  // namespace overtake
