// SPDX-License-Identifier: Apache-2.0
// What NVIDIA's driver says of its GPUs. Its library is opened when asked, so that no program needs it to start.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/system/fact.h"

namespace overtake {

struct Gpu {
  Fact<std::string> name;                // "NVIDIA H200"
  Fact<std::string> compute_capability;  // "9.0"
  Fact<std::int64_t> memory_bytes;
  Fact<std::int64_t> sm_clock_max_hz, sm_clock_hz, memory_clock_max_hz, memory_clock_hz;  // highest, and now
  Fact<std::int64_t> power_limit_watts;
  Fact<bool> ecc, mig, persistence;
  Fact<std::int64_t> pcie_generation_max, pcie_generation, pcie_lanes_max, pcie_lanes;  // idle links slow down
};

struct Gpus {
  Fact<std::string> driver_version;  // "570.86.15"
  Fact<std::string> cuda_version;    // the newest that the driver supports: "12.8"
  std::vector<Gpu> gpus;
  std::string reason;  // why the driver could not be asked; empty where it was
};

/// Opens `library` ("libnvidia-ml.so.1" where empty) and asks; never throws for a missing library or driver.
Gpus read_gpus(const std::string& library = "");

}  // namespace overtake
