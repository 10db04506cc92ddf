// SPDX-License-Identifier: Apache-2.0
#include "core/system/cpu_id.h"

#if defined(__x86_64__)
#include <cpuid.h>

#include <cstdint>
#include <cstring>
#endif

namespace overtake {

#if defined(__x86_64__)
namespace {

struct Registers {
  unsigned a = 0, b = 0, c = 0, d = 0;
};

// Zeros where the CPU has no such leaf. The hypervisor's leaves lie outside the range that leaf 0 states.
Registers leaf(unsigned number, unsigned sub = 0) {
  Registers r;
  const bool hypervisor = number >= 0x40000000u && number < 0x80000000u;
  if (hypervisor || __get_cpuid_max(number & 0x80000000u, nullptr) >= number)
    __cpuid_count(number, sub, r.a, r.b, r.c, r.d);
  return r;
}

std::string text_of(std::initializer_list<unsigned> words) {
  std::string out;
  for (unsigned word : words) {
    char bytes[4];
    std::memcpy(bytes, &word, 4);
    out.append(bytes, 4);
  }
  out.resize(std::strlen(out.c_str()));
  const std::size_t start = out.find_first_not_of(' ');
  const std::size_t end = out.find_last_not_of(' ');
  return start == std::string::npos ? "" : out.substr(start, end - start + 1);
}

std::string brand_of_cpu() {
  std::string out;
  if (leaf(0x80000000u).a < 0x80000004u) return out;
  const Registers r2 = leaf(0x80000002u), r3 = leaf(0x80000003u), r4 = leaf(0x80000004u);
  return text_of({r2.a, r2.b, r2.c, r2.d, r3.a, r3.b, r3.c, r3.d, r4.a, r4.b, r4.c, r4.d});
}

// Registers whose contents the operating system saves: bits of XCR0 (Intel SDM volume 1, chapter 13).
std::uint64_t saved_state() {
  std::uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (std::uint64_t{high} << 32) | low;
}

}  // namespace

CpuId read_cpu_id() {
  CpuId out;
  const Registers zero = leaf(0), one = leaf(1), seven = leaf(7);
  out.vendor = text_of({zero.b, zero.d, zero.c});
  out.brand = brand_of_cpu();
  const unsigned family = (one.a >> 8) & 15, model = (one.a >> 4) & 15;
  out.family = static_cast<int>(family == 15 ? family + ((one.a >> 20) & 255) : family);
  out.model = static_cast<int>(family == 6 || family == 15 ? model + (((one.a >> 16) & 15) << 4) : model);
  out.virtualised = (one.c >> 31) & 1;
  if (out.virtualised) {
    const Registers hypervisor = leaf(0x40000000u);
    out.hypervisor = text_of({hypervisor.b, hypervisor.c, hypervisor.d});
  }
  const bool xsave = (one.c >> 27) & 1;
  const std::uint64_t state = xsave ? saved_state() : 0;
  out.avx2_fma = (state & 0x6) == 0x6 && ((one.c >> 12) & 1) && ((seven.b >> 5) & 1);
  out.avx512f = (state & 0xe6) == 0xe6 && ((seven.b >> 16) & 1);
  const bool hybrid = (seven.d >> 15) & 1;
  out.hybrid_small = hybrid && (leaf(0x1a).a >> 24) == 0x20;
  return out;
}

#else

CpuId read_cpu_id() { return {}; }

#endif

}  // namespace overtake
