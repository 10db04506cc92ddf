// SPDX-License-Identifier: Apache-2.0
// What the GPU was doing when a sample ended, for the `metrics` of every variant for GPUs.
#pragma once

#include "core/key_values.h"
#include "core/system/nvml.h"
#include "gpu/cuda/check.cuh"
#include "gpu/cuda/timed_launches.cuh"

namespace overtake::cuda {

/// sm_clock_hz and throttle_reasons as they are now, of the current device; what the driver does not say is absent.
/// `launches` between two events where they were several.
inline KeyValues observed(const TimedLaunches& timed) {
  // Found by its place on the bus: CUDA_VISIBLE_DEVICES renumbers devices for CUDA, not for NVML.
  static const GpuWatch kWatch([] {
    int device = 0;
    char place[32] = {};
    OVERTAKE_CUDA_CHECK(cudaGetDevice(&device));
    OVERTAKE_CUDA_CHECK(cudaDeviceGetPCIBusId(place, sizeof(place), device));
    return std::string(place);
  }());
  KeyValues metrics;
  const GpuState now = kWatch.now();
  if (now.sm_clock_hz.value) metrics.set("sm_clock_hz", *now.sm_clock_hz.value);
  if (now.throttle_reasons.value) metrics.set("throttle_reasons", std::string_view(*now.throttle_reasons.value));
  if (timed.launches() > 1) metrics.set("launches", std::int64_t{timed.launches()});
  return metrics;
}

}  // namespace overtake::cuda
