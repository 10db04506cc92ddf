// SPDX-License-Identifier: Apache-2.0
#include "core/system/platform.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>
#include <vector>

namespace overtake {
namespace {

constexpr std::string_view kCpus = "/sys/devices/system/cpu";

Fact<std::string> text_of(const HostFiles& files, const std::string& path) {
  auto text = files.text(path);
  if (!text || text->empty()) return {std::nullopt, path + " cannot be read"};
  return Fact<std::string>::of(std::move(*text));
}

// What the files cpuN/<name> say, each value once.
Fact<std::string> over_cpus(const HostFiles& files, const std::string& name) {
  std::set<std::string> values;
  for (const std::string& folder : files.list(kCpus))
    if (folder.starts_with("cpu") && folder.size() > 3 && folder[3] >= '0' && folder[3] <= '9')
      if (const auto text = files.text(std::string(kCpus) + '/' + folder + '/' + name); text && !text->empty())
        values.insert(*text);
  if (values.empty())
    return {std::nullopt,
            "no CPU has " + name + " in /sys: the kernel does not control the clock here, as in most virtual machines"};
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : ", ") + value;
  return Fact<std::string>::of(std::move(out));
}

}  // namespace

Fact<std::string> read_operating_system(const HostFiles& files) {
  const std::string text = files.text("/etc/os-release").value_or("");
  for (std::string_view line : lines_of(text)) {
    if (!line.starts_with("PRETTY_NAME=")) continue;
    line.remove_prefix(std::string_view("PRETTY_NAME=").size());
    while (line.starts_with('"') || line.starts_with('\'')) line.remove_prefix(1);
    while (line.ends_with('"') || line.ends_with('\'')) line.remove_suffix(1);
    if (!line.empty()) return Fact<std::string>::of(std::string(line));
  }
  return {std::nullopt, "/etc/os-release has no PRETTY_NAME"};
}

Fact<std::string> read_kernel(const HostFiles& files) { return text_of(files, "/proc/sys/kernel/osrelease"); }

Fact<std::string> read_power_source(const HostFiles& files) {
  const std::string folder = "/sys/class/power_supply";
  bool mains = false, mains_on = false, discharging = false, battery = false;
  for (const std::string& name : files.list(folder)) {
    const std::string prefix = folder + '/' + name + '/';
    const std::string type = files.text(prefix + "type").value_or("");
    if (files.text(prefix + "scope") == "Device") continue;  // a mouse's or a headset's
    if (type == "Battery") {
      battery = true;
      discharging = discharging || files.text(prefix + "status") == "Discharging";
    } else if (const auto online = files.integer(prefix + "online")) {
      mains = true;
      mains_on = mains_on || *online > 0;
    }
  }
  if (discharging || (battery && mains && !mains_on)) return Fact<std::string>::of("battery");
  if (mains_on || battery) return Fact<std::string>::of("ac");
  return {std::nullopt, "/sys/class/power_supply lists no power supply, as on most servers and virtual machines"};
}

Fact<std::string> read_governor(const HostFiles& files) { return over_cpus(files, "cpufreq/scaling_governor"); }

Fact<std::string> read_frequency_driver(const HostFiles& files) { return over_cpus(files, "cpufreq/scaling_driver"); }

Fact<bool> read_turbo(const HostFiles& files) {
  const std::string cpus(kCpus);
  if (const auto off = files.integer(cpus + "/intel_pstate/no_turbo")) return Fact<bool>::of(*off == 0);
  if (const auto on = files.integer(cpus + "/cpufreq/boost")) return Fact<bool>::of(*on != 0);
  return {std::nullopt, "neither intel_pstate/no_turbo nor cpufreq/boost is in /sys/devices/system/cpu"};
}

Fact<std::int64_t> read_max_frequency_hz(const HostFiles& files) {
  std::int64_t most_khz = 0;
  for (const std::string& folder : files.list(kCpus))
    most_khz =
        std::max(most_khz, files.integer(std::string(kCpus) + '/' + folder + "/cpufreq/cpuinfo_max_freq").value_or(0));
  if (most_khz > 0) return Fact<std::int64_t>::of(most_khz * 1000);
  return {std::nullopt,
          "no CPU has cpufreq/cpuinfo_max_freq in /sys, as in most virtual machines; see measured_clock_hz"};
}

Fact<std::string> read_transparent_huge_pages(const HostFiles& files) {
  const std::string path = "/sys/kernel/mm/transparent_hugepage/enabled";
  const std::string text = files.text(path).value_or("");  // "always [madvise] never"
  const std::size_t open = text.find('['), close = text.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open)
    return {std::nullopt, path + " cannot be read"};
  return Fact<std::string>::of(text.substr(open + 1, close - open - 1));
}

Fact<double> read_load_average(const HostFiles& files) {
  const std::string text = files.text("/proc/loadavg").value_or("");
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{})
    return {std::nullopt, "/proc/loadavg cannot be read"};
  return Fact<double>::of(value);
}

Fact<double> read_steal_fraction(const HostFiles& files) {
  const std::string text = files.text("/proc/stat").value_or("");
  const auto lines = lines_of(text);
  // "cpu user nice system idle iowait irq softirq steal guest guest_nice"; user contains guest (proc(5)).
  const auto words = lines.empty() ? std::vector<std::string_view>{} : words_of(lines.front());
  if (words.size() < 9 || words[0] != "cpu") return {std::nullopt, "/proc/stat has no steal time"};
  double total = 0;
  for (std::size_t i = 1; i < 9; ++i) total += static_cast<double>(leading_integer(words[i]).value_or(0));
  if (total <= 0) return {std::nullopt, "/proc/stat counts no CPU time"};
  return Fact<double>::of(static_cast<double>(leading_integer(words[8]).value_or(0)) / total);
}

}  // namespace overtake
