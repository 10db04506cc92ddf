// SPDX-License-Identifier: Apache-2.0
#include "core/system/topology.h"

#include <gmock/gmock.h>

#include "tests/core/system/fake_host.h"

namespace overtake {
namespace {

using test::FakeHost;
using ::testing::ElementsAre;

TEST(Topology, KnowsCoresBySiblings) {
  FakeHost host;
  const Topology topology = read_topology(host.cpus(4, 2).files());
  EXPECT_TRUE(topology.cores_known);
  EXPECT_EQ(topology.cpus.size(), 8u);
  EXPECT_EQ(topology.packages(), 1);
  EXPECT_THAT(topology.one_per_core({0, 1, 5, 6}), ElementsAre(0, 1, 6));
}

TEST(Topology, FallsBackOnCpuinfoWhereSysIsHidden) {
  FakeHost host;
  std::string text;
  for (int cpu = 0; cpu < 4; ++cpu)  // two packages with one core of two threads each
    text +=
        "processor\t: " + std::to_string(cpu) + "\nphysical id\t: " + std::to_string(cpu / 2) + "\ncore id\t\t: 0\n\n";
  const Topology topology = read_topology(host.file("/proc/cpuinfo", text).files());
  EXPECT_TRUE(topology.cores_known);
  EXPECT_EQ(topology.packages(), 2);
  EXPECT_THAT(topology.one_per_core(topology.online()), ElementsAre(0, 2));
}

TEST(Topology, SaysWhereCoresAreNotKnown) {
  FakeHost host;
  Topology topology = read_topology(host.file("/sys/devices/system/cpu/online", "0-1\n").files());
  EXPECT_FALSE(topology.cores_known);
  EXPECT_THAT(topology.one_per_core(topology.online()), ElementsAre(0, 1));
  topology = read_topology(FakeHost().files());
  EXPECT_FALSE(topology.cores_known);
  EXPECT_TRUE(topology.cpus.empty());
}

TEST(Caches, AreListedOnceEach) {
  FakeHost host;
  host.cpus(4, 2);
  const HostFiles files = host.files();
  const auto caches = read_caches(files, read_topology(files));
  EXPECT_EQ(caches.size(), 4u + 4u + 4u + 1u);
  EXPECT_EQ(caches.back().level, 3);
  EXPECT_EQ(caches.back().cpus.size(), 8u);
}

TEST(Caches, WithoutASizeAreNoFact) {
  FakeHost host;
  host.cpus(1).for_cpu(0, "cache/index3/size", "").for_cpu(0, "cache/index2/size", "garbage");
  EXPECT_EQ(read_caches_of(host.files(), 0).size(), 2u);
}

TEST(CoreClasses, OfIntelsHybridCpusComeFromTheirCounters) {
  FakeHost host;
  host.cpus(6).file("/sys/devices/cpu_core/cpus", "0-1\n").file("/sys/devices/cpu_atom/cpus", "2-5\n");
  const HostFiles files = host.files();
  const auto classes = read_core_classes(files, read_topology(files));
  ASSERT_EQ(classes.size(), 2u);
  EXPECT_EQ(classes[0].name, "performance");
  EXPECT_THAT(classes[0].cpus, ElementsAre(0, 1));
  EXPECT_EQ(classes[1].name, "efficiency");
  EXPECT_THAT(classes[1].cpus, ElementsAre(2, 3, 4, 5));
}

TEST(CoreClasses, ByCapacityPutTheFastestFirst) {
  FakeHost host;
  host.cpus(3).for_cpu(0, "cpu_capacity", "446").for_cpu(1, "cpu_capacity", "1024").for_cpu(2, "cpu_capacity", "446");
  const HostFiles files = host.files();
  const auto classes = read_core_classes(files, read_topology(files));
  ASSERT_EQ(classes.size(), 2u);
  EXPECT_EQ(classes[0].name, "capacity 1024");
  EXPECT_THAT(classes[1].cpus, ElementsAre(0, 2));
}

TEST(CoreClasses, AlikeCoresAreOneClass) {
  FakeHost host;
  host.cpus(2).for_cpu(0, "cpu_capacity", "1024").for_cpu(1, "cpu_capacity", "1024");
  const HostFiles files = host.files();
  const auto classes = read_core_classes(files, read_topology(files));
  ASSERT_EQ(classes.size(), 1u);
  EXPECT_EQ(classes[0].name, "all");
}

TEST(NumaNodes, HaveTheirMemory) {
  FakeHost host;
  host.file("/sys/devices/system/node/online", "0-1\n")
      .file("/sys/devices/system/node/node0/cpulist", "0-3\n")
      .file("/sys/devices/system/node/node0/meminfo", "Node 0 MemTotal:       1024 kB\nNode 0 MemFree: 5 kB\n")
      .file("/sys/devices/system/node/node1/cpulist", "\n");
  const auto nodes = read_numa_nodes(host.files());
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].memory_bytes, 1 << 20);
  EXPECT_EQ(cpu_list_text(nodes[0].cpus), "0-3");
  EXPECT_EQ(nodes[1].memory_bytes, std::nullopt);
}

TEST(Affinity, IsWhatTheKernelAllows) {
  FakeHost host;
  host.cpus(4).affinity("1-2");
  const HostFiles files = host.files();
  EXPECT_THAT(read_affinity(files, read_topology(files)).value.value(), ElementsAre(1, 2));
  host.affinity("9");  // none that is online
  const auto none = read_affinity(files, read_topology(files));
  EXPECT_FALSE(none.value);
  EXPECT_NE(none.reason, "");
}

}  // namespace
}  // namespace overtake
