// SPDX-License-Identifier: Apache-2.0
#include "cpu/ceiling/engine/private_block.h"

#include <sys/mman.h>

#include <cstdint>

#include "core/error.h"

namespace overtake {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

PrivateBlock::PrivateBlock(std::size_t bytes) : reserved_((bytes + kHugePage - 1) / kHugePage * kHugePage + kHugePage) {
  base_ = mmap(nullptr, reserved_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base_ == MAP_FAILED) {
    base_ = nullptr;
    throw_errno("no room for a ceiling's working set");
  }
  // A refusal changes nothing but a few percent.
  madvise(base_, reserved_, MADV_HUGEPAGE);
}

PrivateBlock::~PrivateBlock() {
  if (base_ != nullptr) munmap(base_, reserved_);
}

void* PrivateBlock::data() const {
  const auto address = reinterpret_cast<std::uintptr_t>(base_);
  return static_cast<std::byte*>(base_) + ((address + kHugePage - 1) / kHugePage * kHugePage - address);
}

}  // namespace overtake
