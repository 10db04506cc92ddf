// SPDX-License-Identifier: Apache-2.0
#include "core/system/clock.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>

namespace overtake {
namespace {

constexpr std::int64_t kAddsPerRound = 16;
constexpr std::int64_t kRounds = 25'000;  // 0.1 ms at 4 GHz: shorter than most interruptions are apart

// 16 dependent additions a round: the round's own counter runs beside them.
#if defined(__x86_64__)
#define OVERTAKE_ADD4 "add %[one], %[sum]\n\tadd %[one], %[sum]\n\tadd %[one], %[sum]\n\tadd %[one], %[sum]\n\t"
void dependent_adds() {
  std::uint64_t sum = 0, one = 1;
  std::int64_t rounds = kRounds;
  __asm__ volatile(".p2align 5\n1:\n\t" OVERTAKE_ADD4 OVERTAKE_ADD4 OVERTAKE_ADD4 OVERTAKE_ADD4
                   "dec %[rounds]\n\tjnz 1b"
                   : [sum] "+r"(sum), [rounds] "+r"(rounds)
                   : [one] "r"(one)
                   : "cc");
}
#elif defined(__aarch64__)
#define OVERTAKE_ADD4                                                                                              \
  "add %[sum], %[sum], %[one]\n\tadd %[sum], %[sum], %[one]\n\tadd %[sum], %[sum], %[one]\n\tadd %[sum], %[sum], " \
  "%[one]\n\t"
void dependent_adds() {
  std::uint64_t sum = 0, one = 1;
  std::int64_t rounds = kRounds;
  __asm__ volatile(".p2align 5\n1:\n\t" OVERTAKE_ADD4 OVERTAKE_ADD4 OVERTAKE_ADD4 OVERTAKE_ADD4
                   "subs %[rounds], %[rounds], #1\n\tb.ne 1b"
                   : [sum] "+r"(sum), [rounds] "+r"(rounds)
                   : [one] "r"(one)
                   : "cc");
}
#else
void dependent_adds() { throw std::runtime_error("the core clock can be measured on x86-64 and aarch64 only"); }
#endif
#undef OVERTAKE_ADD4

constexpr FmaPeak peak_of(int ports, int bits) { return {ports * bits / 32 * 2.0, ports * bits / 64 * 2.0, true}; }

template <std::size_t N>
bool contains(const std::array<int, N>& models, int model) {
  return std::find(models.begin(), models.end(), model) != models.end();
}

// Sources: Fog, "The microarchitecture of Intel, AMD and VIA CPUs"; AMD, "Software Optimization Guide" for families
// 17h, 19h and 1Ah; families' models by Linux, arch/x86/kernel/cpu/amd.c.
FmaPeak amd_peak(const CpuId& cpu) {
  // QEMU's generic model of family 17h, model 1, runs on any later CPU.
  if (cpu.family == 0x17 && cpu.model < 0x30) return cpu.virtualised ? FmaPeak{} : peak_of(2, 128);  // Zen 1
  if (cpu.family == 0x17) return peak_of(2, 256);                                                    // Zen 2
  // Zen 4's 512-bit instructions occupy a 256-bit unit for two cycles.
  if (cpu.family == 0x19) return peak_of(2, 256);  // Zen 3, Zen 4
  if (cpu.family != 0x1a) return {};
  if (!cpu.avx512f) return peak_of(2, 256);  // Zen 5 with 256-bit vectors
  if (cpu.model < 0x20 || (cpu.model >= 0x40 && cpu.model < 0x50)) return peak_of(2, 512);  // Turin, Granite Ridge
  if (cpu.model >= 0x20 && cpu.model < 0x30) return peak_of(2, 256);                        // Strix Point: halved units
  return {};
}

// Skylake and Cascade Lake servers have a second 512-bit unit or not, by model number (Intel's product pages).
FmaPeak skylake_server_peak(const CpuId& cpu) {
  const auto says = [&](const char* word) { return cpu.brand.find(word) != std::string::npos; };
  if (says("Platinum") || says("Gold 6") || says("W-2") || says("W-3") || says("i9-")) return peak_of(2, 512);
  if (says("Silver") || says("Bronze")) return peak_of(1, 512);
  return {};
}

// Sources: Fog, as above; Intel, "64 and IA-32 Architectures Optimization Reference Manual"; model numbers by Linux,
// arch/x86/include/asm/intel-family.h.
FmaPeak intel_peak(const CpuId& cpu) {
  static constexpr std::array kServer = {0x6a, 0x8f, 0xcf, 0xad};         // Ice Lake, Sapphire, Emerald, Granite Rapids
  static constexpr std::array kOneUnit = {0x7d, 0x7e, 0x8c, 0x8d, 0xa7};  // Ice Lake, Tiger Lake, Rocket Lake clients
  static constexpr std::array kClient = {0x3c, 0x45, 0x46, 0x3f,          // Haswell
                                         0x3d, 0x47, 0x4f, 0x56,          // Broadwell
                                         0x4e, 0x5e, 0x8e, 0x9e, 0xa5, 0xa6,  // Skylake to Comet Lake
                                         0x97, 0x9a, 0xb7, 0xba, 0xbf, 0xaa,
                                         0xac, 0xc5, 0xc6,  // Alder to Arrow Lake, their large cores
                                         0xbd};             // Lunar Lake
  if (cpu.family != 6 || cpu.hybrid_small) return {};
  if (contains(kClient, cpu.model)) return cpu.avx512f ? FmaPeak{} : peak_of(2, 256);
  if (cpu.model == 0x55) return cpu.avx512f ? skylake_server_peak(cpu) : peak_of(2, 256);
  if (contains(kServer, cpu.model)) return cpu.avx512f ? peak_of(2, 512) : peak_of(2, 256);
  if (contains(kOneUnit, cpu.model)) return cpu.avx512f ? peak_of(1, 512) : peak_of(2, 256);
  return {};
}

}  // namespace

double measured_clock_hz() {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  double best = 0;
  while (Clock::now() - start < std::chrono::milliseconds(25)) {
    const auto before = Clock::now();
    dependent_adds();
    const double seconds = std::chrono::duration<double>(Clock::now() - before).count();
    best = std::max(best, static_cast<double>(kAddsPerRound * kRounds) / seconds);
  }
  return best;
}

FmaPeak fma_peak(const CpuId& cpu) {
  if (!cpu.avx2_fma) return {};
  if (cpu.vendor == "AuthenticAMD") return amd_peak(cpu);
  if (cpu.vendor == "HygonGenuine" && cpu.family == 0x18 && !cpu.virtualised) return peak_of(2, 128);
  return cpu.vendor == "GenuineIntel" ? intel_peak(cpu) : FmaPeak{};
}

FmaPeak fma_peak() { return fma_peak(read_cpu_id()); }

}  // namespace overtake
