// SPDX-License-Identifier: Apache-2.0
// Locks pages of memory that others own, so that the GPU can copy from and to it by itself. For transfer=pinned and
// transfer=overlapped.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/workload/workload.h"
#include "gpu/cuda/check.cuh"

namespace overtake::cuda {

/// Addresses [first, last).
struct AddressRange {
  std::uintptr_t first, last;
};

/// The whole pages that hold these blocks, in order of their addresses, those without a gap between them as one: a page
/// cannot be locked twice. Empty blocks have none.
inline std::vector<AddressRange> pages_of(std::vector<AddressRange> blocks, std::uintptr_t page) {
  std::erase_if(blocks, [](const AddressRange& block) { return block.first == block.last; });
  std::ranges::sort(blocks, {}, &AddressRange::first);
  std::vector<AddressRange> pages;
  for (const AddressRange& block : blocks) {
    const std::uintptr_t first = block.first / page * page, last = (block.last + page - 1) / page * page;
    if (!pages.empty() && first <= pages.back().last)
      pages.back().last = std::max(pages.back().last, last);
    else
      pages.push_back({first, last});
  }
  return pages;
}

/// Pages that are locked while somebody has this. Not thread-safe.
class PageLock {
 public:
  /// The lock that is there already, where there is one: several variants work on the same inputs. Throws Skip where
  /// the system does not allow it.
  static std::shared_ptr<const PageLock> of(const AddressRange& pages) {
    static std::map<std::uintptr_t, std::weak_ptr<const PageLock>> locks;
    std::weak_ptr<const PageLock>& known = locks[pages.first];
    auto lock = known.lock();
    if (lock != nullptr && lock->pages_.last == pages.last) return lock;
    lock.reset(new PageLock(pages));
    known = lock;
    return lock;
  }
  PageLock(const PageLock&) = delete;
  PageLock& operator=(const PageLock&) = delete;
  ~PageLock() { OVERTAKE_CUDA_IGNORE(cudaHostUnregister(address())); }

 private:
  explicit PageLock(const AddressRange& pages) : pages_(pages) {
    const std::size_t bytes = pages.last - pages.first;
    const cudaError_t error = cudaHostRegister(address(), bytes, cudaHostRegisterDefault);
    if (error == cudaErrorMemoryAllocation || error == cudaErrorNotSupported || error == cudaErrorNotPermitted) {
      static_cast<void>(cudaGetLastError());
      throw Skip(std::to_string(bytes / 1000000) +
                 " MB of host memory cannot be page-locked: " + cudaGetErrorString(error));
    }
    OVERTAKE_CUDA_CHECK(error);
  }
  void* address() const { return reinterpret_cast<void*>(pages_.first); }  // NOLINT(performance-no-int-to-ptr)

  AddressRange pages_;
};

}  // namespace overtake::cuda
