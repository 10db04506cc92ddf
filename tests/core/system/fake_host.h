// SPDX-License-Identifier: Apache-2.0
// Machines that the tests of core/system describe as trees of files, in a temporary folder that goes with the object.
#pragma once

#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "core/system/host_files.h"

namespace overtake::test {

class FakeHost {
 public:
  FakeHost() {
    std::string name = (std::filesystem::temp_directory_path() / "overtake-host-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    root_ = name;
  }
  ~FakeHost() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  const std::filesystem::path& root() const { return root_; }
  HostFiles files() const { return HostFiles(root_); }

  FakeHost& file(const std::string& path, const std::string& text) {
    const auto full = root_ / path.substr(1);
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full, std::ios::binary) << text;
    return *this;
  }
  FakeHost& link(const std::string& path, const std::string& target) {
    const auto full = root_ / path.substr(1);
    std::filesystem::create_directories(full.parent_path());
    std::filesystem::create_symlink(target, full);
    return *this;
  }
  FakeHost& for_cpu(int cpu, const std::string& path, const std::string& text) {
    return file(fmt::format("/sys/devices/system/cpu/cpu{}/{}", cpu, path), text + "\n");
  }

  /// One package of `cores` cores; the siblings of core c are CPUs c, c + cores, …, as Linux numbers them on x86.
  FakeHost& cpus(int cores, int threads_per_core = 1) {
    const int logical = cores * threads_per_core;
    file("/sys/devices/system/cpu/online", fmt::format("0-{}\n", logical - 1));
    for (int cpu = 0; cpu < logical; ++cpu) {
      std::string siblings;
      for (int thread = 0; thread < threads_per_core; ++thread)
        siblings += fmt::format("{}{}", thread ? "," : "", cpu % cores + thread * cores);
      for_cpu(cpu, "topology/core_cpus_list", siblings);
      for_cpu(cpu, "topology/physical_package_id", "0");
      cache(cpu, 0, 1, "Data", "32K", siblings).cache(cpu, 1, 1, "Instruction", "32K", siblings);
      cache(cpu, 2, 2, "Unified", "1024K", siblings);
      cache(cpu, 3, 3, "Unified", "32M", fmt::format("0-{}", logical - 1));
    }
    return affinity(fmt::format("0-{}", logical - 1));
  }
  FakeHost& cache(int cpu, int index, int level, const std::string& type, const std::string& size,
                  const std::string& shared) {
    const std::string folder = fmt::format("cache/index{}/", index);
    return for_cpu(cpu, folder + "level", std::to_string(level))
        .for_cpu(cpu, folder + "type", type)
        .for_cpu(cpu, folder + "size", size)
        .for_cpu(cpu, folder + "shared_cpu_list", shared);
  }
  FakeHost& affinity(const std::string& list) {
    return file("/proc/self/status", "Name:\tovertake\nCpus_allowed:\tff\nCpus_allowed_list:\t" + list + "\n");
  }
  FakeHost& memory(long total_kb, long available_kb) {
    return file("/proc/meminfo",
                fmt::format("MemTotal:       {} kB\nMemFree:  1 kB\nMemAvailable:   {} kB\n", total_kb, available_kb));
  }
  FakeHost& processor(const std::string& model, bool hypervisor) {
    return file("/proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: " + model +
                                     "\nflags\t\t: fpu avx2" + (hypervisor ? " hypervisor" : "") + " fma\n");
  }
  /// The unified hierarchy at /sys/fs/cgroup, this process at `path` of it.
  FakeHost& cgroup_v2(const std::string& path, const std::string& mount_root = "/") {
    return file("/proc/self/cgroup", "0::" + path + "\n")
        .file("/proc/self/mountinfo", "22 1 0:21 / /proc rw - proc proc rw\n31 23 0:28 " + mount_root +
                                          " /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n")
        .file("/sys/fs/cgroup/cgroup.procs", "");
  }
  /// The hierarchies of cgroup v1 for cpu and memory, this process at `path` of both.
  FakeHost& cgroup_v1(const std::string& path, const std::string& mount_root = "/") {
    return file("/proc/self/cgroup", "4:memory:" + path + "\n2:cpu,cpuacct:" + path + "\n0::/init.scope\n")
        .file("/proc/self/mountinfo", "32 31 0:29 " + mount_root +
                                          " /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n33 31 0:30 " +
                                          mount_root + " /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n")
        .file("/sys/fs/cgroup/cpu,cpuacct/tasks", "")
        .file("/sys/fs/cgroup/memory/tasks", "");
  }

 private:
  std::filesystem::path root_;
};

}  // namespace overtake::test
