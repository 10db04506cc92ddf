// SPDX-License-Identifier: Apache-2.0
#include "compare/system_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <regex>
#include <set>

#include "compare/text.h"
#include "core/csv/number.h"

namespace overtake::compare {
namespace {

using nlohmann::ordered_json;

constexpr const char* kUnavailable = "unavailable";
constexpr std::size_t kLineWidth = 110, kLongest = 400;

std::string value_text(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// Every value that is no object, by its path. Lists are values: their order means something.
void flatten(const ordered_json& object, const std::string& prefix, std::vector<std::string>& order,
             std::map<std::string, std::string>& values) {
  for (const auto& [key, value] : object.items()) {
    // Distortions are sentences made of the other fields.
    if (prefix.empty() && (key == kUnavailable || key == "distortions")) continue;
    const std::string path = prefix + key;
    if (value.is_object()) {
      flatten(value, path + ".", order, values);
      continue;
    }
    order.push_back(path);
    if (!value.is_null()) values[path] = value_text(value);
  }
}

std::string value_or_reason(const ordered_json& system, const std::map<std::string, std::string>& values,
                            const std::string& path) {
  if (const auto at = values.find(path); at != values.end()) return at->second;
  if (system.is_object() && system.contains(kUnavailable) && system[kUnavailable].is_object())
    if (const auto reason = system[kUnavailable].find(path); reason != system[kUnavailable].end())
      return "unknown (" + value_text(*reason) + ")";
  return "unknown";
}

// Fields by how they begin, and what people call them. The first that fits counts; "" is no cause.
constexpr std::array<std::pair<std::string_view, std::string_view>, 36> kCauses = {{
    {"host_processor", "CPU"},
    {"caches", "CPU"},
    {"physical_cores_allowed", "CPU affinity"},
    {"physical_cores", "CPU"},
    {"logical_cpus", "CPU"},
    {"threads_per_core", "CPU"},
    {"core_classes", "CPU"},
    {"architecture", "CPU"},
    {"fma_flops", "CPU"},
    {"affinity", "CPU affinity"},
    {"cpu_quota", "CPU quota"},
    {"max_frequency", "clock"},
    {"measured_clock", "clock"},
    {"scaling", "clock"},
    {"turbo", "clock"},
    {"power_source", "power source"},
    {"host_memory", "memory"},
    {"memory_bytes", "memory"},
    {"numa", "memory"},
    {"memory_limit", "memory limit"},
    {"transparent_huge_pages", "huge pages"},
    {"accelerator", "GPU"},
    {"nvidia", "GPU driver"},
    {"hypervisor", "hypervisor"},
    {"wsl", "hypervisor"},
    {"container", "container"},
    {"cgroup", "container"},
    {"operating_system", "operating system"},
    {"kernel", "operating system"},
    {"compiler", "compiler"},
    {"cuda_compiler", "compiler"},
    {"build_type", "compiler"},
    {"librar", "libraries"},
    {"environment", "environment variables"},
    {"overtake_version", "program"},
    {"git_revision", "program"},
}};

// The clock is measured anew in every run, and the kernel keeps a little more or less memory at every boot: a
// difference in the last digits is none.
constexpr double kSameNumber = 0.02;

bool is_jitter(const Difference& difference) {
  if (difference.field == "numa_nodes") {
    const std::regex bytes("\"memory_bytes\":[0-9]+");
    return std::regex_replace(difference.base, bytes, "") == std::regex_replace(difference.other, bytes, "");
  }
  if (difference.field != "measured_clock_hz" && difference.field != "memory_bytes") return false;
  const auto from = parse_double(difference.base), to = parse_double(difference.other);
  return from && to && std::abs(*to / *from - 1) < kSameNumber;
}

std::string_view cause_of(const Difference& difference) {
  const auto at = std::find_if(kCauses.begin(), kCauses.end(),
                               [&](const auto& cause) { return difference.field.starts_with(cause.first); });
  return at == kCauses.end() || is_jitter(difference) ? "" : at->second;
}

}  // namespace

std::string attribution(const std::vector<Difference>& differences) {
  std::vector<std::string> causes;
  for (const auto& [field, cause] : kCauses)
    if (std::find(causes.begin(), causes.end(), cause) == causes.end() &&
        std::any_of(differences.begin(), differences.end(),
                    [&, name = cause](const Difference& difference) { return cause_of(difference) == name; }))
      causes.emplace_back(cause);
  if (causes.empty()) return "";
  if (causes.size() == 1) {
    const bool is_plural = causes[0] == "libraries" || causes[0] == "environment variables";
    return fmt::format("The {} {}.", causes[0], is_plural ? "differ" : "differs");
  }
  return fmt::format("{} differ: not attributable to one.", list_text(causes));
}

std::vector<Difference> differing_fields(const ordered_json& base, const ordered_json& other) {
  std::vector<std::string> order;
  std::map<std::string, std::string> from, to;
  if (base.is_object()) flatten(base, "", order, from);
  if (other.is_object()) flatten(other, "", order, to);
  std::vector<Difference> differences;
  std::set<std::string> seen;
  for (const std::string& path : order) {
    if (!seen.insert(path).second) continue;
    const auto a = from.find(path), b = to.find(path);
    const bool is_in_a = a != from.end(), is_in_b = b != to.end();
    if (is_in_a == is_in_b && (!is_in_a || a->second == b->second)) continue;
    differences.push_back({path, value_or_reason(base, from, path), value_or_reason(other, to, path)});
  }
  return differences;
}

std::string differences_text(const std::vector<Difference>& differences) {
  std::string out;
  for (const Difference& difference : differences) {
    const std::string field = printable(difference.field), base = printable(difference.base, kLongest),
                      other = printable(difference.other, kLongest);
    if (display_width(field) + display_width(base) + display_width(other) + 8 <= kLineWidth)
      out += fmt::format("  {}: {} → {}\n", field, base, other);
    else
      out += fmt::format("  {}\n    base   {}\n    other  {}\n", field, base, other);
  }
  return out;
}

}  // namespace overtake::compare
