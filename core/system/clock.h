// SPDX-License-Identifier: Apache-2.0
// The core's real clock and what its FMA units can do per cycle: what the FMA ceiling's probe is held against.
#pragma once

#include "core/system/cpu_id.h"

namespace overtake {

/// Cycles per second of the calling thread's core, now: a chain of dependent integer additions, each one cycle
/// (Fog, "Instruction tables"; Arm's software optimization guides), the fastest of many short runs, 25 ms in all.
/// Additions of register to register, because newer cores fold small constants at no cost. Wide vector code may clock
/// lower. Throws std::runtime_error on other architectures than x86-64 and aarch64.
double measured_clock_hz();

/// A fused multiply-add counts as 2 flops.
struct FmaPeak {
  double flops_per_cycle_f32 = 0, flops_per_cycle_f64 = 0;  // of one core with its widest vectors
  bool known = false;
};

/// The peak of the calling thread's core by its model; known is false for models outside the table, on other
/// architectures, and where a hypervisor hides which model it is.
FmaPeak fma_peak();
FmaPeak fma_peak(const CpuId&);

}  // namespace overtake
