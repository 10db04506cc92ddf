// SPDX-License-Identifier: Apache-2.0
// What NVIDIA's driver says of its GPUs. Its library is opened when asked, so that no program needs it to start.
#pragma once

#include <cstdint>
#include <memory>
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

struct GpuState {
  Fact<std::int64_t> sm_clock_hz;
  Fact<std::string> throttle_reasons;  // what holds the clocks down: "power_cap+thermal"; "none"
};

/// One GPU, asked again and again: the driver's library stays open.
class GpuWatch {
 public:
  /// `pci_bus_id` as CUDA gives it ("0000:1a:00.0"). Never throws for a missing library, driver or GPU.
  explicit GpuWatch(const std::string& pci_bus_id, const std::string& library = "");
  GpuWatch(const GpuWatch&) = delete;
  GpuWatch& operator=(const GpuWatch&) = delete;
  ~GpuWatch();
  GpuState now() const;

 private:
  struct Opened;
  std::unique_ptr<const Opened> opened_;
};

}  // namespace overtake
