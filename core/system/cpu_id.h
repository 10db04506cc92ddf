// SPDX-License-Identifier: Apache-2.0
// What the CPU itself says it is (x86-64 cpuid; nothing elsewhere). Used by clock.h and by system.json.
#pragma once

#include <string>

namespace overtake {

struct CpuId {
  std::string vendor;      // GenuineIntel, AuthenticAMD, HygonGenuine; empty: not an x86-64 CPU
  std::string brand;       // as the CPU writes it: "AMD EPYC 7763 64-Core Processor"
  std::string hypervisor;  // signature of the hypervisor, "KVMKVMKVM"; empty: none says so
  int family = 0, model = 0;
  bool avx2_fma = false;      // and the operating system saves its registers
  bool avx512f = false;       // likewise
  bool virtualised = false;   // the hypervisor bit
  bool hybrid_small = false;  // this core is a small one of a hybrid CPU (leaf 1Ah)
};

/// Asks the core that the calling thread runs on.
CpuId read_cpu_id();

}  // namespace overtake
