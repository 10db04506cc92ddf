// SPDX-License-Identifier: Apache-2.0
#include "core/system/peak_memory.h"

#include <fstream>
#include <string>

namespace overtake {

void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

std::int64_t peak_memory_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  return -1;
}

}  // namespace overtake
