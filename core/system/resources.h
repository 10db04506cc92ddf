// SPDX-License-Identifier: Apache-2.0
// How much of this machine the process may use: what `workers: all`, problem sizes and bandwidth ceilings stand on.
#pragma once

#include <cstdint>
#include <vector>

namespace overtake {

class HostFiles;

struct CacheLevel {
  int level;           // 1, 2, 3 …; data and unified caches only
  std::int64_t bytes;  // of one instance
  int shared_by;       // physical cores that share one instance
};

/// Physical cores that this process may use, at least 1: the cores of its affinity mask, counted once each whatever
/// their SMT siblings, and no more than the CPU quota of its cgroups rounded up. Read once; later changes of the
/// affinity mask are not seen, and of the main thread's mask, so call it before OpenMP or anything else binds threads.
int physical_cores_allowed();

/// Bytes that this process could still allocate when first asked: the least of available RAM, what its cgroups leave
/// it, and RLIMIT_AS. Throws std::runtime_error where the kernel does not say.
std::int64_t memory_limit_bytes();

/// The data caches, level 1 first, as the first CPU of the affinity mask sees them; empty where the kernel lists none.
std::vector<CacheLevel> data_caches();

// The same for a tree of files, read anew on every call.
int physical_cores_allowed(const HostFiles&);
std::int64_t memory_limit_bytes(const HostFiles&);
std::vector<CacheLevel> data_caches(const HostFiles&);

}  // namespace overtake
