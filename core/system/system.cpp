// SPDX-License-Identifier: Apache-2.0
#include "core/system/system.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gnu/libc-version.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/system/build_info.h"
#include "core/system/cgroup.h"
#include "core/system/clock.h"
#include "core/system/json_facts.h"
#include "core/system/memory_modules.h"
#include "core/system/nvml.h"
#include "core/system/platform.h"
#include "core/system/resources.h"
#include "core/system/topology.h"

namespace overtake {
namespace {

using nlohmann::ordered_json;

constexpr char kNoTopology[] = "neither /sys/devices/system/cpu nor /proc/cpuinfo says which CPUs share a core";
constexpr char kNotLive[] = "read from a copy of another machine's files";

int count(const std::vector<int>& cpus) { return static_cast<int>(cpus.size()); }

ordered_json caches_json(const HostFiles& files, const Topology& topology) {
  std::map<std::tuple<int, std::string, std::int64_t, int>, int> instances;
  for (const Cache& cache : read_caches(files, topology))
    ++instances[{cache.level, cache.type, cache.bytes, count(topology.one_per_core(cache.cpus))}];
  ordered_json out = ordered_json::array();
  for (const auto& [key, number] : instances) {
    const auto& [level, type, bytes, shared_by] = key;
    out.push_back(
        {{"level", level}, {"type", type}, {"bytes", bytes}, {"shared_by_cores", shared_by}, {"instances", number}});
  }
  return out;
}

// "L1d 32 KiB x 2, L1i 32 KiB x 2, L2 512 KiB x 2, L3 32 MiB x 1".
std::string caches_text(const ordered_json& caches) {
  std::string out;
  for (const auto& cache : caches) {
    const std::string type = cache["type"];
    out += fmt::format("{}L{}{} {} x {}", out.empty() ? "" : ", ", cache["level"].get<int>(),
                       type == "Data"          ? "d"
                       : type == "Instruction" ? "i"
                                               : "",
                       binary_size_text(cache["bytes"].get<double>()), cache["instances"].get<int>());
  }
  return out;
}

ordered_json core_classes_json(const HostFiles& files, const Topology& topology) {
  ordered_json out = ordered_json::array();
  for (const CoreClass& kind : read_core_classes(files, topology))
    out.push_back({{"name", kind.name},
                   {"physical_cores", count(topology.one_per_core(kind.cpus))},
                   {"logical_cpus", count(kind.cpus)},
                   {"cpus", cpu_list_text(kind.cpus)}});
  return out;
}

void add_processor(const HostFiles& files, const Topology& topology, JsonFacts& out) {
  const auto online = topology.online();
  const int cores = count(topology.one_per_core(online)), packages = topology.packages();
  const bool listed = !online.empty(), known = topology.cores_known;
  const auto hypervisor = read_hypervisor(files);
  const ordered_json caches = caches_json(files, topology);
  const auto frequency = read_max_frequency_hz(files);
  int threads_per_core = 0;
  for (int core : topology.one_per_core(online))
    threads_per_core =
        std::max(threads_per_core, static_cast<int>(std::count_if(topology.cpus.begin(), topology.cpus.end(),
                                                                  [&](auto& c) { return c.core == core; })));

  out.add("host_processor_model_name", read_cpu_model(files));
  out.add_if(known, "host_processors_per_node", packages, kNoTopology);
  out.add_if(known && cores % packages == 0, "host_processor_core_count", known ? cores / packages : 0,
             known ? "the processors differ in their numbers of cores" : kNoTopology);
  if (hypervisor.value)
    out.add_if(*hypervisor.value != "none" && listed, "host_processor_vcpu_count", count(online),
               listed ? "not a virtual machine" : kNoTopology);
  else
    out.missing("host_processor_vcpu_count", hypervisor.reason);
  out.add_if(frequency.value.has_value(), "host_processor_frequency",
             fmt::format("up to {:.4g} GHz", static_cast<double>(frequency.value.value_or(0)) / 1e9), frequency.reason);
  const char* no_caches = "the kernel lists no caches in /sys/devices/system/cpu/cpu*/cache";
  out.add_if(!caches.empty(), "host_processor_caches", caches_text(caches), no_caches);
  out.add_if(!caches.empty(), "caches", caches, no_caches);
  out.add_if(known, "physical_cores", cores, kNoTopology);
  out.add_if(listed, "logical_cpus", count(online), kNoTopology);
  out.add_if(known, "threads_per_core", threads_per_core, kNoTopology);
  out.add_if(listed, "core_classes", core_classes_json(files, topology), kNoTopology);
  out.add("max_frequency_hz", frequency);
  out.add("scaling_governor", read_governor(files));
  out.add("scaling_driver", read_frequency_driver(files));
  out.add("turbo", read_turbo(files));
  out.add("hypervisor", hypervisor);
}

void add_measured(const HostFiles& files, JsonFacts& out) {
  if (!files.live()) {
    for (const char* key : {"architecture", "measured_clock_hz", "fma_flops_per_cycle_f32", "fma_flops_per_cycle_f64"})
      out.missing(key, kNotLive);
    return;
  }
  utsname name{};
  const bool named = uname(&name) == 0;
  out.add_if(named, "architecture", name.machine, "uname failed");
  try {
    out.add("measured_clock_hz", measured_clock_hz());
  } catch (const std::exception& error) {
    out.missing("measured_clock_hz", error.what());
  }
  const FmaPeak peak = fma_peak();
  const char* reason = "the FMA units of this CPU model are not known";
  out.add_if(peak.known, "fma_flops_per_cycle_f32", peak.flops_per_cycle_f32, reason);
  out.add_if(peak.known, "fma_flops_per_cycle_f64", peak.flops_per_cycle_f64, reason);
}

void add_memory(const HostFiles& files, JsonFacts& out) {
  const auto bytes = counter(files.text("/proc/meminfo").value_or(""), "MemTotal");
  const char* no_meminfo = "/proc/meminfo has no MemTotal";
  out.add_if(bytes.has_value(), "host_memory_capacity", binary_size_text(static_cast<double>(bytes.value_or(0))),
             no_meminfo);
  out.add("host_memory_configuration", read_memory_modules(files));
  out.add_if(bytes.has_value(), "memory_bytes", bytes.value_or(0), no_meminfo);
  out.add("transparent_huge_pages", read_transparent_huge_pages(files));
  ordered_json nodes = ordered_json::array();
  for (const NumaNode& node : read_numa_nodes(files)) {
    JsonFacts facts;
    facts.add("node", node.node);
    facts.add("cpus", cpu_list_text(node.cpus));
    facts.add_if(node.memory_bytes.has_value(), "memory_bytes", node.memory_bytes.value_or(0),
                 "its meminfo has no MemTotal");
    nodes.push_back(std::move(facts).finish());
  }
  out.add_if(!nodes.empty(), "numa_nodes", nodes,
             "/sys/devices/system/node lists no node: the kernel does not know NUMA");
}

void add_limits(const HostFiles& files, const Topology& topology, JsonFacts& out) {
  const auto affinity = read_affinity(files, topology);
  const auto one_per_core = topology.one_per_core(affinity.value.value_or(std::vector<int>{}));
  const bool known = affinity.value.has_value();
  const std::string reason = known ? kNoTopology : affinity.reason;
  out.add_if(known, "affinity_cpus", cpu_list_text(affinity.value.value_or(std::vector<int>{})), reason);
  out.add_if(known, "affinity_logical_cpus", count(affinity.value.value_or(std::vector<int>{})), reason);
  out.add_if(known && topology.cores_known, "affinity_physical_cores", count(one_per_core), reason);
  out.add_if(known && topology.cores_known, "affinity_one_cpu_per_core", cpu_list_text(one_per_core), reason);
  out.add_if(known || !topology.cpus.empty(), "physical_cores_allowed", physical_cores_allowed(files), reason);

  const CgroupLimits limits = read_cgroup_limits(files);
  const bool any = !limits.version.empty();
  out.add_if(any, "cgroup_version", limits.version, "no cgroup with a CPU controller is mounted");
  out.add_if(limits.cpus.has_value(), "cpu_quota_cpus", limits.cpus.value_or(0),
             any ? "no CPU quota is set" : "no cgroup with a CPU controller is mounted");
  out.add_if(limits.memory_bytes.has_value(), "memory_limit_bytes", limits.memory_bytes.value_or(0),
             "no memory limit is set in a cgroup that can be seen");
}

void add_platform(const HostFiles& files, JsonFacts& out) {
  out.add("operating_system", read_operating_system(files));
  out.add("kernel", read_kernel(files));
  out.add("wsl", read_wsl(files));
  out.add("container", read_container(files));
  out.add("power_source", read_power_source(files));
  out.add("load_average", read_load_average(files));
  out.add("steal_fraction", read_steal_fraction(files));
}

ordered_json gpu_json(const Gpu& gpu) {
  JsonFacts out;
  out.add("name", gpu.name);
  out.add("compute_capability", gpu.compute_capability);
  out.add("memory_bytes", gpu.memory_bytes);
  out.add("sm_clock_max_hz", gpu.sm_clock_max_hz);
  out.add("sm_clock_hz", gpu.sm_clock_hz);
  out.add("memory_clock_max_hz", gpu.memory_clock_max_hz);
  out.add("memory_clock_hz", gpu.memory_clock_hz);
  out.add("power_limit_watts", gpu.power_limit_watts);
  out.add("ecc", gpu.ecc);
  out.add("mig", gpu.mig);
  out.add("persistence_mode", gpu.persistence);
  out.add("pcie_generation_max", gpu.pcie_generation_max);
  out.add("pcie_generation", gpu.pcie_generation);
  out.add("pcie_lanes_max", gpu.pcie_lanes_max);
  out.add("pcie_lanes", gpu.pcie_lanes);
  return std::move(out).finish();
}

// What `text` says of each GPU, each thing once; a GPU of which it says nothing gives its reason instead.
template <class Text>
Fact<std::string> over_gpus(const std::vector<Gpu>& gpus, Text text) {
  std::vector<std::string> all;
  for (const Gpu& gpu : gpus) {
    const Fact<std::string> one = text(gpu);
    if (!one.value) return one;
    if (std::find(all.begin(), all.end(), *one.value) == all.end()) all.push_back(*one.value);
  }
  return Fact<std::string>::of(fmt::format("{}", fmt::join(all, " + ")));
}

void add_accelerators(const HostFiles& files, const SystemOptions& options, JsonFacts& out) {
  const bool ask = files.live() || !options.nvml_library.empty();
  Gpus found;
  if (ask) found = read_gpus(options.nvml_library);
  const std::string reason = !ask                    ? kNotLive
                             : !found.reason.empty() ? found.reason
                             : found.gpus.empty()    ? "NVIDIA's driver finds no GPU"
                                                     : "";
  if (!reason.empty()) {
    for (const char* key : {"accelerators_per_node", "accelerator_model_name", "accelerator_memory_capacity",
                            "accelerator_frequency", "accelerator_host_interconnect", "accelerators"})
      out.missing(key, reason);
  } else {
    using Text = Fact<std::string>;
    out.add("accelerators_per_node", found.gpus.size());
    out.add("accelerator_model_name", over_gpus(found.gpus, [](const Gpu& gpu) { return gpu.name; }));
    out.add("accelerator_memory_capacity", over_gpus(found.gpus, [](const Gpu& gpu) {
              const auto& bytes = gpu.memory_bytes;
              return bytes.value ? Text::of(binary_size_text(static_cast<double>(*bytes.value)))
                                 : Text::missing(bytes.reason);
            }));
    out.add("accelerator_frequency", over_gpus(found.gpus, [](const Gpu& gpu) {
              const auto& hz = gpu.sm_clock_max_hz;
              return hz.value ? Text::of(fmt::format("up to {} MHz", *hz.value / 1'000'000)) : Text::missing(hz.reason);
            }));
    out.add("accelerator_host_interconnect", over_gpus(found.gpus, [](const Gpu& gpu) {
              const auto &generation = gpu.pcie_generation_max, &lanes = gpu.pcie_lanes_max;
              if (!generation.value || !lanes.value)
                return Text::missing(generation.value ? lanes.reason : generation.reason);
              return Text::of(fmt::format("PCIe Gen{} x{}", *generation.value, *lanes.value));
            }));
    ordered_json all = ordered_json::array();
    for (const Gpu& gpu : found.gpus) all.push_back(gpu_json(gpu));
    out.add("accelerators", all);
  }
  out.add("nvidia_driver_version", ask ? found.driver_version : Fact<std::string>::missing(kNotLive));
  out.add("nvidia_driver_cuda_version", ask ? found.cuda_version : Fact<std::string>::missing(kNotLive));
}

void add_software(const HostFiles& files, JsonFacts& out) {
  using namespace build_info;
  const auto text = [](JsonFacts& facts, const char* key, const std::string& value, const std::string& reason) {
    facts.add_if(!value.empty(), key, value, reason);
  };
  out.add("overtake_version", kVersion);
  out.add("compiler", kCompiler);
  out.add("compiler_flags", kFlags);
  out.add("build_type", kBuildType);
  text(out, "cuda_compiler", kCudaCompiler, kCudaMissing);
  text(out, "cuda_compiler_flags", kCudaFlags, kCudaMissing);
  JsonFacts libraries;
  const std::string unknown = "its package states no version";
  text(libraries, "google_benchmark", kBenchmarkVersion, unknown);
  text(libraries, "highway", kHighwayVersion, unknown);
  text(libraries, "fmt", kFmtVersion, unknown);
  text(libraries, "nlohmann_json", kJsonVersion, unknown);
  text(libraries, "openmp_specification", kOpenMpVersion, unknown);
  libraries.add("glibc", gnu_get_libc_version());
  out.add("libraries", std::move(libraries).finish());

  static constexpr std::array kVariables = {
      "OMP_NUM_THREADS",
      "OMP_PROC_BIND",
      "OMP_PLACES",
      "OMP_WAIT_POLICY",
      "OMP_DYNAMIC",
      "OMP_SCHEDULE",
      "GOMP_CPU_AFFINITY",
      "GOMP_SPINCOUNT",
      "KMP_AFFINITY",
      "KMP_BLOCKTIME",
      "OPENBLAS_NUM_THREADS",
      "OPENBLAS_CORETYPE",
      "MKL_NUM_THREADS",
      "CUDA_VISIBLE_DEVICES",
      "CUDA_DEVICE_ORDER",
      "CUDA_LAUNCH_BLOCKING",
      "MALLOC_ARENA_MAX",
      "GLIBC_TUNABLES",
      // These change what cuBLAS computes with.
      "NVIDIA_TF32_OVERRIDE",
      "CUBLAS_WORKSPACE_CONFIG",
      "CUBLAS_EMULATE_SINGLE_PRECISION",
      "CUBLAS_EMULATE_DOUBLE_PRECISION",
      "CUBLAS_EMULATION_STRATEGY",
  };
  ordered_json environment = ordered_json::object();
  for (const char* name : kVariables)
    if (const char* value = std::getenv(name)) environment[name] = value;
  out.add_if(files.live(), "environment", environment, kNotLive);
}

}  // namespace

ordered_json describe_system(const SystemOptions& options) {
  const HostFiles files(options.root);
  const Topology topology = read_topology(files);
  JsonFacts out;
  out.add("schema_version", 1);
  if (options.include_host_name) {
    const auto name = files.text("/proc/sys/kernel/hostname");
    out.add_if(name.has_value(), "host_name", name.value_or(""), "/proc/sys/kernel/hostname cannot be read");
  }
  add_processor(files, topology, out);
  add_measured(files, out);
  add_memory(files, out);
  add_accelerators(files, options, out);
  add_platform(files, out);
  add_limits(files, topology, out);
  add_software(files, out);
  return std::move(out).finish();
}

}  // namespace overtake
