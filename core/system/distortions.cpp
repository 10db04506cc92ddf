// SPDX-License-Identifier: Apache-2.0
// The part of system.h that says what would distort results.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "core/system/memory_modules.h"
#include "core/system/system.h"

namespace overtake {
namespace {

using nlohmann::ordered_json;

constexpr double kBusyLoad = 0.5;     // of the machine's cores
constexpr double kMuchSteal = 0.005;  // of CPU time since boot

const ordered_json& at(const ordered_json& object, const char* key) {
  static const ordered_json kNothing;
  return object.contains(key) ? object.at(key) : kNothing;
}

std::string text_at(const ordered_json& object, const char* key) {
  const ordered_json& value = at(object, key);
  return value.is_string() ? value.get<std::string>() : "";
}

std::optional<double> number_at(const ordered_json& object, const char* key) {
  const ordered_json& value = at(object, key);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

void add_platform(const ordered_json& system, std::vector<std::string>& out) {
  if (const std::string wsl = text_at(system, "wsl"); wsl.starts_with("wsl"))
    out.push_back(fmt::format(
        "This is {}, where files, memory and GPU transfers cost more than on Linux itself: keep files below /home, "
        "and measure on a Linux machine before you compare with one.",
        wsl == "wsl1" ? "WSL 1" : "WSL 2"));
  if (text_at(system, "power_source") == "battery")
    out.push_back("The machine runs on battery, which lowers its clocks: plug it in and run again.");
  if (text_at(system, "scaling_governor").find("powersave") != std::string::npos)
    out.push_back(
        "The frequency governor is powersave, which keeps clocks low or raises them late: run "
        "`sudo cpupower frequency-set -g performance`.");
  const double steal = number_at(system, "steal_fraction").value_or(0);
  if (steal > kMuchSteal)
    out.push_back(
        fmt::format("This virtual machine lost {:.1f} % of its CPU time since boot to others on the same host: take "
                    "more samples at different times, or a dedicated machine.",
                    100 * steal));
  const auto load = number_at(system, "load_average"), cores = number_at(system, "physical_cores");
  if (load && cores && *load > kBusyLoad * *cores)
    out.push_back(fmt::format("Other programs keep {:.1f} of {} cores busy (load average): stop them or wait a minute.",
                              *load, *cores));
}

void add_limits(const ordered_json& system, std::vector<std::string>& out) {
  const auto logical = number_at(system, "logical_cpus"), allowed = number_at(system, "affinity_logical_cpus");
  if (logical && allowed && *allowed < *logical) {
    const ordered_json& environment = at(system, "environment");
    const bool bound = environment.contains("OMP_PROC_BIND") || environment.contains("GOMP_CPU_AFFINITY");
    out.push_back(fmt::format("This process may use only {} of {} CPUs ({}): to measure the whole machine {}.",
                              *allowed, *logical, text_at(system, "affinity_cpus"),
                              bound ? "unset OMP_PROC_BIND and GOMP_CPU_AFFINITY"
                                    : "start it without taskset, or give the container or job all CPUs"));
  }
  if (const auto quota = number_at(system, "cpu_quota_cpus"))
    out.push_back(
        fmt::format("A CPU quota of {:.4g} CPUs stops all threads for a while whenever they used it up: give the "
                    "container whole CPUs instead (docker run --cpuset-cpus, or no --cpus).",
                    *quota));
  const auto limit = number_at(system, "memory_limit_bytes"), memory = number_at(system, "memory_bytes");
  if (limit && memory && *limit < *memory)
    out.push_back(
        fmt::format("This process may use {} of {} of memory, and larger problems are skipped: raise the limit of its "
                    "container or job (docker run --memory).",
                    binary_size_text(*limit), binary_size_text(*memory)));
}

void add_cores(const ordered_json& system, std::vector<std::string>& out) {
  const auto logical = number_at(system, "affinity_logical_cpus"), cores = number_at(system, "affinity_physical_cores");
  if (logical && cores && *logical > *cores)
    out.push_back(fmt::format(
        "SMT is on ({} CPUs on {} cores), and two threads that meet on a core slow each other: use at most {} "
        "workers, and start with `taskset -c {}` for one CPU a core.",
        *logical, *cores, *cores, text_at(system, "affinity_one_cpu_per_core")));
  const ordered_json& classes = at(system, "core_classes");
  if (!classes.is_array() || classes.size() < 2) return;
  std::vector<std::string> kinds;
  for (const auto& kind : classes)
    kinds.push_back(fmt::format("{} {}", number_at(kind, "physical_cores").value_or(0), text_at(kind, "name")));
  out.push_back(fmt::format(
      "The cores are not alike ({}), and equal shares wait for the slowest: to measure one class alone, start "
      "with `taskset -c {}`.",
      fmt::join(kinds, ", "), text_at(classes.front(), "cpus")));
}

}  // namespace

std::vector<std::string> distortions(const ordered_json& system) {
  std::vector<std::string> out;
  add_platform(system, out);
  add_limits(system, out);
  add_cores(system, out);
  return out;
}

}  // namespace overtake
