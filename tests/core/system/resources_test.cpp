// SPDX-License-Identifier: Apache-2.0
#include "core/system/resources.h"

#include <gmock/gmock.h>
#include <sched.h>

#include "tests/core/system/fake_host.h"

namespace overtake {
namespace {

using test::FakeHost;

TEST(PhysicalCoresAllowed, CountsACoreOnceWhateverItsSiblings) {
  FakeHost host;
  host.cpus(8, 2);
  EXPECT_EQ(physical_cores_allowed(host.files()), 8);
  host.affinity("0-1,8-9");  // both siblings of two cores
  EXPECT_EQ(physical_cores_allowed(host.files()), 2);
  host.affinity("8-11");  // second siblings only
  EXPECT_EQ(physical_cores_allowed(host.files()), 4);
}

TEST(PhysicalCoresAllowed, RoundsACpuQuotaUpAndNeverIsZero) {
  FakeHost host;
  host.cpus(8).cgroup_v2("/").file("/sys/fs/cgroup/cpu.max", "150000 100000\n");
  EXPECT_EQ(physical_cores_allowed(host.files()), 2);
  host.file("/sys/fs/cgroup/cpu.max", "5000 100000\n");
  EXPECT_EQ(physical_cores_allowed(host.files()), 1);
  host.file("/sys/fs/cgroup/cpu.max", "6400000 100000\n");  // more than there are cores
  EXPECT_EQ(physical_cores_allowed(host.files()), 8);
  EXPECT_EQ(physical_cores_allowed(FakeHost().files()), 1);  // a machine that says nothing
}

TEST(PhysicalCoresAllowed, IgnoresCpusThatAreOffline) {
  FakeHost host;
  host.cpus(4).file("/sys/devices/system/cpu/online", "0,2\n");
  EXPECT_EQ(physical_cores_allowed(host.files()), 2);
}

TEST(MemoryLimit, IsTheLeastOfAvailableMemoryAndWhatTheCgroupLeaves) {
  FakeHost host;
  host.cpus(2).memory(16 << 20, 8 << 20).cgroup_v2("/job");
  EXPECT_EQ(memory_limit_bytes(host.files()), std::int64_t{8} << 30);
  host.file("/sys/fs/cgroup/job/memory.max", "4294967296\n");
  EXPECT_EQ(memory_limit_bytes(host.files()), std::int64_t{4} << 30);
  host.file("/sys/fs/cgroup/job/memory.current", "3221225472\n")
      .file("/sys/fs/cgroup/job/memory.stat", "anon 1073741824\ninactive_file 2147483648\n");
  EXPECT_EQ(memory_limit_bytes(host.files()), std::int64_t{3} << 30) << "page cache does not count as used";
  host.file("/sys/fs/cgroup/job/memory.current", "5368709120\n").file("/sys/fs/cgroup/job/memory.stat", "");
  EXPECT_EQ(memory_limit_bytes(host.files()), 0) << "used beyond the limit, as after lowering it";
}

TEST(MemoryLimit, SaysSoWhereTheKernelDoesNot) {
  FakeHost host;
  EXPECT_THROW(memory_limit_bytes(host.files()), std::runtime_error);
}

TEST(DataCaches, AreListedByLevelWithTheCoresThatShareThem) {
  FakeHost host;
  host.cpus(4, 2);
  const auto caches = data_caches(host.files());
  ASSERT_EQ(caches.size(), 3u) << "the instruction cache is none";
  EXPECT_EQ(caches[0].level, 1);
  EXPECT_EQ(caches[0].bytes, 32 << 10);
  EXPECT_EQ(caches[0].shared_by, 1) << "two siblings are one core";
  EXPECT_EQ(caches[2].bytes, 32 << 20);
  EXPECT_EQ(caches[2].shared_by, 4);
  EXPECT_TRUE(data_caches(FakeHost().files()).empty());
}

TEST(Resources, OfThisMachineArePlausible) {
  cpu_set_t set;
  ASSERT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  EXPECT_GE(physical_cores_allowed(), 1);
  EXPECT_LE(physical_cores_allowed(), CPU_COUNT(&set));
  EXPECT_GT(memory_limit_bytes(), 1 << 20);
  int level = 0;
  for (const CacheLevel& cache : data_caches()) {
    EXPECT_GT(cache.level, level);
    level = cache.level;
    EXPECT_GT(cache.bytes, 1024);
    EXPECT_GE(cache.shared_by, 1);
  }
}

}  // namespace
}  // namespace overtake
