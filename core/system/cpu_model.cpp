// SPDX-License-Identifier: Apache-2.0
// The part of platform.h that names the CPU.
#include <array>
#include <set>
#include <utility>

#include "core/system/platform.h"

namespace overtake {
namespace {

struct ArmPart {
  std::string_view implementer, part, name;
};

// Main ID Register values (Arm's technical reference manuals; util-linux, sys-utils/lscpu-arm.c).
constexpr std::array kArmParts = {
    ArmPart{"0x41", "0xd03", "Arm Cortex-A53"},  ArmPart{"0x41", "0xd05", "Arm Cortex-A55"},
    ArmPart{"0x41", "0xd08", "Arm Cortex-A72"},  ArmPart{"0x41", "0xd0b", "Arm Cortex-A76"},
    ArmPart{"0x41", "0xd0c", "Arm Neoverse-N1"}, ArmPart{"0x41", "0xd40", "Arm Neoverse-V1"},
    ArmPart{"0x41", "0xd41", "Arm Cortex-A78"},  ArmPart{"0x41", "0xd42", "Arm Cortex-A78AE"},
    ArmPart{"0x41", "0xd49", "Arm Neoverse-N2"}, ArmPart{"0x41", "0xd4f", "Arm Neoverse-V2"},
    ArmPart{"0x41", "0xd84", "Arm Neoverse-V3"}, ArmPart{"0x41", "0xd8e", "Arm Neoverse-N3"},
    ArmPart{"0xc0", "0xac3", "Ampere-1"},        ArmPart{"0xc0", "0xac4", "Ampere-1a"},
};

std::string arm_name(const std::string& implementer, const std::string& part) {
  for (const ArmPart& known : kArmParts)
    if (known.implementer == implementer && known.part == part) return std::string(known.name);
  return "ARM implementer " + implementer + " part " + part;
}

}  // namespace

Fact<std::string> read_cpu_model(const HostFiles& files) {
  const std::string text = files.text("/proc/cpuinfo").value_or("");
  std::string implementer;
  std::set<std::string> names;  // a big.LITTLE chip has several
  for (std::string_view line : lines_of(text)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, line.find_first_of("\t:"));
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    value = value.substr(0, value.find_last_not_of(' ') + 1);
    if (key == "CPU implementer") implementer = value;
    if (key == "model name" && !value.empty()) names.insert(std::string(value));
    if (key == "CPU part" && !implementer.empty()) names.insert(arm_name(implementer, std::string(value)));
  }
  if (names.empty()) return {std::nullopt, "/proc/cpuinfo names no model"};
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : " + ") + name;
  return Fact<std::string>::of(std::move(out));
}

}  // namespace overtake
