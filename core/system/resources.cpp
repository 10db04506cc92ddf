// SPDX-License-Identifier: Apache-2.0
#include "core/system/resources.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/system/cgroup.h"
#include "core/system/host_files.h"
#include "core/system/topology.h"

namespace overtake {

int physical_cores_allowed(const HostFiles& files) {
  const Topology topology = read_topology(files);
  const auto allowed = read_affinity(files, topology).value.value_or(topology.online());
  int cores = static_cast<int>(topology.one_per_core(allowed).size());
  if (topology.cpus.empty()) cores = static_cast<int>(allowed.size());
  if (const auto quota = read_cgroup_limits(files).cpus)
    cores = std::min(cores, static_cast<int>(std::min(std::ceil(*quota), 1e6)));
  return std::max(cores, 1);
}

std::int64_t memory_limit_bytes(const HostFiles& files) {
  const auto available = counter(files.text("/proc/meminfo").value_or(""), "MemAvailable");
  const auto left = read_cgroup_limits(files).memory_left_bytes;
  if (!available && !left)
    throw std::runtime_error("cannot tell how much memory is free: /proc/meminfo has no MemAvailable; mount /proc");
  std::int64_t bytes = available && left ? std::min(*available, *left) : available.value_or(left.value_or(0));
  rlimit limit{};
  if (files.live() && getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    bytes = static_cast<std::int64_t>(std::min<std::uint64_t>(static_cast<std::uint64_t>(bytes), limit.rlim_cur));
  return bytes;
}

std::vector<CacheLevel> data_caches(const HostFiles& files) {
  const Topology topology = read_topology(files);
  const auto allowed = read_affinity(files, topology).value.value_or(topology.online());
  std::vector<CacheLevel> out;
  if (allowed.empty()) return out;
  for (const Cache& cache : read_caches_of(files, allowed.front()))
    if (cache.type != "Instruction")
      out.push_back(
          {cache.level, cache.bytes, std::max<int>(1, static_cast<int>(topology.one_per_core(cache.cpus).size()))});
  std::sort(out.begin(), out.end(), [](const CacheLevel& a, const CacheLevel& b) { return a.level < b.level; });
  return out;
}

int physical_cores_allowed() {
  static const int cores = physical_cores_allowed(HostFiles());
  return cores;
}

std::int64_t memory_limit_bytes() {
  static const std::int64_t bytes = memory_limit_bytes(HostFiles());
  return bytes;
}

std::vector<CacheLevel> data_caches() {
  static const std::vector<CacheLevel> caches = data_caches(HostFiles());
  return caches;
}

}  // namespace overtake
