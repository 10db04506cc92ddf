// SPDX-License-Identifier: Apache-2.0
#include "core/system/topology.h"

#include <sched.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace overtake {
namespace {

std::string cpu_folder(int cpu) { return "/sys/devices/system/cpu/cpu" + std::to_string(cpu); }

std::vector<int> list_in(const HostFiles& files, const std::string& path) {
  return parse_cpu_list(files.text(path).value_or(""));
}

std::vector<int> intersection(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<int> out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

// /proc/cpuinfo serves where /sys is hidden, as in some sandboxes.
Topology topology_of_cpuinfo(const HostFiles& files) {
  Topology out;
  std::map<std::pair<std::int64_t, std::int64_t>, int> first_of_core;
  std::int64_t cpu = -1, package = 0;
  const std::string text = files.text("/proc/cpuinfo").value_or("");
  for (std::string_view line : lines_of(text)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, line.find_first_of("\t:"));
    const auto value = leading_integer(line.substr(colon + 1));
    if (!value) continue;
    if (key == "processor") {
      cpu = *value;
      out.cpus.push_back({static_cast<int>(cpu), static_cast<int>(cpu), 0});
    }
    if (out.cpus.empty()) continue;
    if (key == "physical id") out.cpus.back().package = static_cast<int>(package = *value);
    if (key == "core id") {
      out.cpus.back().core = first_of_core.try_emplace({package, *value}, static_cast<int>(cpu)).first->second;
      out.cores_known = true;
    }
  }
  return out;
}

std::int64_t bytes_of_cache_size(std::string_view text) {
  const std::int64_t number = leading_integer(text).value_or(0);
  if (text.ends_with('K')) return number << 10;
  if (text.ends_with('M')) return number << 20;
  return number;
}

}  // namespace

std::vector<int> Topology::online() const {
  std::vector<int> out;
  for (const LogicalCpu& cpu : cpus) out.push_back(cpu.cpu);
  return out;
}

int Topology::packages() const {
  std::set<int> seen;
  for (const LogicalCpu& cpu : cpus) seen.insert(cpu.package);
  return static_cast<int>(seen.size());
}

std::vector<int> Topology::one_per_core(const std::vector<int>& among) const {
  std::vector<int> out;
  std::set<int> cores;
  for (const LogicalCpu& cpu : cpus)
    if (std::binary_search(among.begin(), among.end(), cpu.cpu) && cores.insert(cpu.core).second)
      out.push_back(cpu.cpu);
  return out;
}

Topology read_topology(const HostFiles& files) {
  const std::vector<int> online = list_in(files, "/sys/devices/system/cpu/online");
  if (online.empty()) return topology_of_cpuinfo(files);
  Topology out;
  out.cores_known = true;
  for (int cpu : online) {
    const std::string folder = cpu_folder(cpu) + "/topology/";
    std::vector<int> siblings = list_in(files, folder + "core_cpus_list");
    if (siblings.empty()) siblings = list_in(files, folder + "thread_siblings_list");  // before Linux 5.3
    siblings = intersection(siblings, online);
    out.cores_known = out.cores_known && !siblings.empty();
    const std::int64_t package = files.integer(folder + "physical_package_id").value_or(0);
    out.cpus.push_back(
        {cpu, siblings.empty() ? cpu : siblings.front(), static_cast<int>(std::max<std::int64_t>(package, 0))});
  }
  return out;
}

std::vector<Cache> read_caches_of(const HostFiles& files, int cpu) {
  std::vector<Cache> out;
  const std::string folder = cpu_folder(cpu) + "/cache/";
  for (const std::string& name : files.list(folder)) {
    if (!name.starts_with("index")) continue;
    const std::string prefix = folder + name + '/';
    Cache cache{static_cast<int>(files.integer(prefix + "level").value_or(0)), files.text(prefix + "type").value_or(""),
                bytes_of_cache_size(files.text(prefix + "size").value_or("")),
                list_in(files, prefix + "shared_cpu_list")};
    // A cache of which the kernel knows no size or no sharers is no fact.
    if (cache.level > 0 && cache.bytes > 0 && !cache.cpus.empty() && !cache.type.empty())
      out.push_back(std::move(cache));
  }
  return out;
}

std::vector<Cache> read_caches(const HostFiles& files, const Topology& topology) {
  std::map<std::tuple<int, std::string, std::vector<int>>, Cache> unique;
  for (const LogicalCpu& cpu : topology.cpus)
    for (Cache& cache : read_caches_of(files, cpu.cpu)) {
      auto key = std::tuple(cache.level, cache.type, cache.cpus);
      unique.try_emplace(std::move(key), std::move(cache));
    }
  std::vector<Cache> out;
  for (auto& [key, cache] : unique) out.push_back(std::move(cache));
  return out;
}

std::vector<NumaNode> read_numa_nodes(const HostFiles& files) {
  std::vector<NumaNode> out;
  for (int node : list_in(files, "/sys/devices/system/node/online")) {
    const std::string folder = "/sys/devices/system/node/node" + std::to_string(node);
    // Lines read "Node 0 MemTotal: 24684096 kB".
    const std::string text = files.text(folder + "/meminfo").value_or("");
    std::optional<std::int64_t> bytes;
    for (std::string_view line : lines_of(text)) {
      const auto words = words_of(line);
      if (words.size() <= 3 || words[2] != "MemTotal:") continue;
      if (const auto kilobytes = leading_integer(words[3])) bytes = *kilobytes * 1024;
    }
    out.push_back({node, list_in(files, folder + "/cpulist"), bytes});
  }
  return out;
}

std::vector<CoreClass> read_core_classes(const HostFiles& files, const Topology& topology) {
  const std::vector<int> online = topology.online();
  // Intel's hybrid CPUs: one performance-counter device per class.
  std::vector<CoreClass> out;
  for (const auto& [device, name] : {std::pair("cpu_core", "performance"), std::pair("cpu_atom", "efficiency"),
                                     std::pair("cpu_lowpower", "low-power")}) {
    const std::vector<int> cpus = intersection(list_in(files, std::string("/sys/devices/") + device + "/cpus"), online);
    if (!cpus.empty()) out.push_back({name, cpus});
  }
  if (out.size() > 1) return out;
  // ARM's big.LITTLE, and others since Linux 6.12: relative speed, 1024 for the fastest.
  std::map<std::int64_t, std::vector<int>, std::greater<>> by_capacity;
  for (int cpu : online) by_capacity[files.integer(cpu_folder(cpu) + "/cpu_capacity").value_or(-1)].push_back(cpu);
  if (by_capacity.size() < 2 || by_capacity.contains(-1)) return {{"all", online}};
  out.clear();
  for (const auto& [capacity, cpus] : by_capacity) out.push_back({"capacity " + std::to_string(capacity), cpus});
  return out;
}

Fact<std::vector<int>> read_affinity(const HostFiles& files, const Topology& topology) {
  std::vector<int> allowed;
  const std::string status = files.text("/proc/self/status").value_or("");
  for (std::string_view line : lines_of(status))
    if (line.starts_with("Cpus_allowed_list:")) {
      const auto words = words_of(line);
      if (words.size() > 1) allowed = parse_cpu_list(words[1]);
    }
  cpu_set_t set;
  if (allowed.empty() && files.live() && sched_getaffinity(0, sizeof set, &set) == 0)
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &set)) allowed.push_back(cpu);
  if (!topology.cpus.empty()) allowed = intersection(allowed, topology.online());
  if (allowed.empty()) return {std::nullopt, "/proc/self/status has no Cpus_allowed_list with an online CPU"};
  return Fact<std::vector<int>>::of(std::move(allowed));
}

}  // namespace overtake
