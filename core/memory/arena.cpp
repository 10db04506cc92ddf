// SPDX-License-Identifier: Apache-2.0
#include "core/memory/arena.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"

namespace overtake {
namespace {

// The live arenas, for find(). Never destroyed: arenas with static storage may outlive any other static.
struct Arenas {
  std::mutex mutex;
  std::vector<const Arena*> arenas;
};
Arenas& arenas() {
  static Arenas* const kArenas = new Arenas;
  return *kArenas;
}
void enter(const Arena* arena) {
  const std::lock_guard lock(arenas().mutex);
  arenas().arenas.push_back(arena);
}
void leave(const Arena* arena) {
  const std::lock_guard lock(arenas().mutex);
  std::erase(arenas().arenas, arena);
}

std::size_t page_size() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }
std::size_t physical_memory() { return static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * page_size(); }
std::size_t rounded_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

}  // namespace

Arena::Arena() : reserved_(rounded_up(physical_memory(), page_size())) {
  fd_ = memfd_create("overtake", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd_ < 0) throw_errno("memfd_create");
  void* base = mmap(nullptr, reserved_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) {
    close(fd_);
    throw_errno("reserving address space for shared memory");
  }
  base_ = static_cast<std::byte*>(base);
  enter(this);
}

Arena Arena::attach(int fd) {
  Arena arena{Attached{}};
  arena.fd_ = fd;
  arena.fixed_ = true;
  struct stat info{};
  if (fstat(fd, &info) != 0) throw_errno("shared memory passed by the parent process");
  arena.mapped_ = arena.reserved_ = static_cast<std::size_t>(info.st_size);
  if (arena.mapped_ > 0) {
    void* base = mmap(nullptr, arena.mapped_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED) throw_errno("mapping shared memory");
    arena.base_ = static_cast<std::byte*>(base);
  }
  enter(&arena);
  return arena;
}

Arena::Arena(Arena&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      base_(std::exchange(other.base_, nullptr)),
      reserved_(std::exchange(other.reserved_, 0)),
      mapped_(std::exchange(other.mapped_, 0)),
      used_(std::exchange(other.used_, 0)),
      fixed_(other.fixed_) {
  leave(&other);
  enter(this);
}

Arena& Arena::operator=(Arena&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(base_, other.base_);
  std::swap(reserved_, other.reserved_);
  std::swap(mapped_, other.mapped_);
  std::swap(used_, other.used_);
  std::swap(fixed_, other.fixed_);
  return *this;
}

Arena::~Arena() {
  leave(this);
  if (base_ != nullptr) munmap(base_, reserved_);
  if (fd_ >= 0) close(fd_);
}

void* Arena::allocate_bytes(std::size_t count, std::size_t element) {
  const std::size_t offset = rounded_up(used_, kAlignment);
  if (count > (std::numeric_limits<std::size_t>::max() / 4 - offset) / element)
    throw std::runtime_error("a buffer of " + std::to_string(count) + " elements does not fit any memory");
  const std::size_t end = offset + count * element;
  if (end > mapped_) grow_to(end);
  used_ = end;
  return base_ + offset;
}

void Arena::grow_to(std::size_t bytes) {
  // Doubling keeps the number of mappings small; pages that nobody touches take no memory.
  const std::size_t target = std::min(std::max(rounded_up(bytes, page_size()), 2 * mapped_), reserved_);
  if (fixed_ || bytes > target)
    throw std::runtime_error("no room for " + std::to_string(bytes) + " bytes of shared memory (" +
                             std::to_string(reserved_) + " can be had): use a smaller size");
  if (ftruncate(fd_, static_cast<off_t>(target)) != 0) throw_errno("growing shared memory");
  void* at = mmap(base_ + mapped_, target - mapped_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd_,
                  static_cast<off_t>(mapped_));
  if (at == MAP_FAILED) throw_errno("mapping shared memory");
  // Huge pages save TLB misses where the system grants them to shared memory; a refusal changes nothing.
  madvise(at, target - mapped_, MADV_HUGEPAGE);
  mapped_ = target;
}

void Arena::seal() {
  if (!fixed_ && fcntl(fd_, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
    throw_errno("sealing shared memory");
  fixed_ = true;
}

std::optional<Arena::Place> Arena::find(const void* block, std::size_t bytes) {
  const std::lock_guard lock(arenas().mutex);
  const auto* first = static_cast<const std::byte*>(block);
  for (const Arena* arena : arenas().arenas) {
    if (arena->base_ == nullptr || first < arena->base_) continue;
    const auto offset = static_cast<std::size_t>(first - arena->base_);
    if (offset <= arena->used_ && bytes <= arena->used_ - offset) return Place{arena->fd_, offset, arena->mapped_};
  }
  return std::nullopt;
}

}  // namespace overtake
