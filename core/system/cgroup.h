// SPDX-License-Identifier: Apache-2.0
// What containers, batch systems and systemd allow this process: the tightest limit between its cgroup and the root.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/system/host_files.h"

namespace overtake {

struct CgroupLimits {
  std::string version;                            // v1 or v2, of the CPU controller; empty: no cgroup was found
  std::optional<double> cpus;                     // CPU quota in CPUs (1.5: 150 ms of every 100 ms); nothing: no quota
  std::optional<std::int64_t> memory_bytes;       // nothing: no limit
  std::optional<std::int64_t> memory_left_bytes;  // least over the levels of limit - use, page cache not counted as use
};

/// Sources: the kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst, sched-bwc.rst.
CgroupLimits read_cgroup_limits(const HostFiles&);

}  // namespace overtake
