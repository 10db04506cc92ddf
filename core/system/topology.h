// SPDX-License-Identifier: Apache-2.0
// Which logical CPUs are which cores, packages, NUMA nodes and classes of core, and which caches they share.
// Read from the kernel's own files and not through hwloc, so that tests can lay out any machine as a tree of files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/system/fact.h"
#include "core/system/host_files.h"

namespace overtake {

struct LogicalCpu {
  int cpu = 0;
  int core = 0;  // the lowest logical CPU of its physical core
  int package = 0;
};

struct Cache {
  int level = 0;
  std::string type;  // Data, Instruction, Unified
  std::int64_t bytes = 0;
  std::vector<int> cpus;  // logical CPUs that share it
};

struct NumaNode {
  int node = 0;
  std::vector<int> cpus;
  std::optional<std::int64_t> memory_bytes;  // 0 for a node that has CPUs or devices only
};

struct CoreClass {
  std::string name;  // performance, efficiency, low-power, or "capacity N" (the kernel's measure, 1024: the fastest)
  std::vector<int> cpus;
};

struct Topology {
  std::vector<LogicalCpu> cpus;  // online ones
  bool cores_known = false;      // false: the kernel does not say, and each logical CPU counts as a core

  std::vector<int> online() const;
  int packages() const;
  /// The lowest of the given logical CPUs on each physical core.
  std::vector<int> one_per_core(const std::vector<int>& among) const;
};

Topology read_topology(const HostFiles&);
/// Each cache once, by level; empty where the kernel lists none.
std::vector<Cache> read_caches(const HostFiles&, const Topology&);
/// The caches of one logical CPU.
std::vector<Cache> read_caches_of(const HostFiles&, int cpu);
std::vector<NumaNode> read_numa_nodes(const HostFiles&);
/// One class, named "all", on a CPU whose cores are alike as far as the kernel says.
std::vector<CoreClass> read_core_classes(const HostFiles&, const Topology&);
/// Logical CPUs that this process may run on (sched_setaffinity, taskset, cpuset cgroups).
Fact<std::vector<int>> read_affinity(const HostFiles&, const Topology&);

}  // namespace overtake
