// SPDX-License-Identifier: Apache-2.0
// Memory that a kernel packs into. It outlives a call, because pages that are faulted in anew by every call would be
// timed with it. Used by matmul's variants.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace overtake {

/// A block that only grows, aligned to a page, in huge pages where it fills one.
template <class T>
class Scratch {
 public:
  /// At least `count` elements, whose contents are undefined. Throws std::bad_alloc.
  T* at_least(std::size_t count) {
    if (count > count_) {
      block_.reset();
      count_ = 0;
      const std::size_t alignment = count * sizeof(T) >= kHugePage ? kHugePage : kPage;
      const std::size_t bytes = (count * sizeof(T) + alignment - 1) / alignment * alignment;
      block_.reset(static_cast<T*>(std::aligned_alloc(alignment, bytes)));
      if (block_ == nullptr) throw std::bad_alloc();
      // Packed panels lie further apart than a page; a refusal changes nothing.
      if (alignment == kHugePage) madvise(block_.get(), bytes, MADV_HUGEPAGE);
      count_ = count;
    }
    return block_.get();
  }

 private:
  static constexpr std::size_t kPage = 4096, kHugePage = 2 << 20;
  struct Free {
    void operator()(T* block) const { std::free(block); }
  };
  std::unique_ptr<T, Free> block_;
  std::size_t count_ = 0;
};

}  // namespace overtake
