// SPDX-License-Identifier: Apache-2.0
#include "core/system/cgroup.h"

#include <gtest/gtest.h>

#include "tests/core/system/fake_host.h"

namespace overtake {
namespace {

using test::FakeHost;
constexpr std::int64_t kGiB = std::int64_t{1} << 30;

TEST(Cgroup, V2TakesTheTightestLimitOnTheWayUp) {
  FakeHost host;
  host.cgroup_v2("/user.slice/job/step")
      .file("/sys/fs/cgroup/user.slice/job/step/cpu.max", "max 100000\n")
      .file("/sys/fs/cgroup/user.slice/job/cpu.max", "150000 100000\n")
      .file("/sys/fs/cgroup/user.slice/cpu.max", "400000 100000\n")
      .file("/sys/fs/cgroup/user.slice/job/step/memory.max", "max\n")
      .file("/sys/fs/cgroup/user.slice/job/memory.max", std::to_string(8 * kGiB) + "\n")
      .file("/sys/fs/cgroup/user.slice/memory.high", std::to_string(6 * kGiB) + "\n");
  const CgroupLimits limits = read_cgroup_limits(host.files());
  EXPECT_EQ(limits.version, "v2");
  EXPECT_EQ(limits.cpus, 1.5);
  EXPECT_EQ(limits.memory_bytes, 6 * kGiB);
}

TEST(Cgroup, V1ReadsEachControllerInItsOwnHierarchy) {
  FakeHost host;
  host.cgroup_v1("/batch/42")
      .file("/sys/fs/cgroup/cpu,cpuacct/batch/42/cpu.cfs_quota_us", "-1\n")
      .file("/sys/fs/cgroup/cpu,cpuacct/batch/42/cpu.cfs_period_us", "100000\n")
      .file("/sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_quota_us", "250000\n")
      .file("/sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_period_us", "100000\n")
      .file("/sys/fs/cgroup/memory/batch/42/memory.limit_in_bytes", std::to_string(2 * kGiB) + "\n")
      .file("/sys/fs/cgroup/memory/batch/42/memory.usage_in_bytes", std::to_string(kGiB) + "\n")
      .file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  const CgroupLimits limits = read_cgroup_limits(host.files());
  EXPECT_EQ(limits.version, "v1");
  EXPECT_EQ(limits.cpus, 2.5);
  EXPECT_EQ(limits.memory_bytes, 2 * kGiB);
  EXPECT_EQ(limits.memory_left_bytes, kGiB);
}

TEST(Cgroup, V1CountsParentsThatAContainerDoesNotSee) {
  FakeHost host;
  host.cgroup_v1("/docker/abc", "/docker/abc")  // the container's own cgroup is mounted as the root
      .file("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n")
      .file("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n")
      .file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
      .file("/sys/fs/cgroup/memory/memory.stat",
            "cache 5\nhierarchical_memory_limit " + std::to_string(3 * kGiB) + "\n");
  const CgroupLimits limits = read_cgroup_limits(host.files());
  EXPECT_EQ(limits.cpus, 0.5);
  EXPECT_EQ(limits.memory_bytes, 3 * kGiB);
}

TEST(Cgroup, TheMountServesWhereTheProcessLiesOutsideIt) {
  for (const auto& [path, root] :
       {std::pair("/../../other", "/"), std::pair("/docker/abcdef", "/docker/abc"), std::pair("/host/side", "/pod")}) {
    FakeHost host;
    host.cgroup_v2(path, root).file("/sys/fs/cgroup/cpu.max", "200000 100000\n");
    EXPECT_EQ(read_cgroup_limits(host.files()).cpus, 2.0) << path;
  }
}

TEST(Cgroup, NoLimitIsNoNumber) {
  FakeHost host;
  host.cgroup_v2("/").file("/sys/fs/cgroup/cpu.max", "max 100000\n").file("/sys/fs/cgroup/memory.max", "max\n");
  CgroupLimits limits = read_cgroup_limits(host.files());
  EXPECT_EQ(limits.version, "v2");
  EXPECT_FALSE(limits.cpus || limits.memory_bytes || limits.memory_left_bytes);
  limits = read_cgroup_limits(FakeHost().files());
  EXPECT_EQ(limits.version, "");
  EXPECT_FALSE(limits.cpus || limits.memory_bytes);
}

TEST(Cgroup, SurvivesBrokenFilesAndEscapedPaths) {
  FakeHost host;
  host.file("/proc/self/cgroup", "nonsense\n0::/a b\n:\n")
      .file("/proc/self/mountinfo", "short line\n31 23 0:28 / /sys/fs/c\\040g rw - cgroup2 cgroup2 rw\n- - - -\n")
      .file("/sys/fs/c g/a b/cpu.max", "0 0\n")
      .file("/sys/fs/c g/cpu.max", "100000 100000\n");
  EXPECT_EQ(read_cgroup_limits(host.files()).cpus, 1.0);
}

}  // namespace
}  // namespace overtake
