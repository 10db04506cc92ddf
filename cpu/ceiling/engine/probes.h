// SPDX-License-Identifier: Apache-2.0
// The loops that the ceilings time, compiled once for every vector instruction set and chosen for the CPU that runs.
#pragma once

#include <cstdint>

namespace overtake {

struct Probes {
  const char* target;  // the instruction set, e.g. "AVX2"

  /// y[i] = x[i] after Ceiling::kSteps multiply-adds with `factor`, which must be -1, and addend or addend + 1 in
  /// turn; for Ceiling::kInRegisters elements, `passes` times. The factor is passed so that compilers keep the
  /// multiplication.
  void (*fma_f32)(const float* x, float factor, float addend, float* y, std::int64_t passes);
  void (*fma_f64)(const double* x, double factor, double addend, double* y, std::int64_t passes);

  // Counts are multiples of kProbeBlock elements, pointers are aligned to 64 bytes.

  /// Sum of x, `passes` times; exact while all sums of a lane are below 2^24.
  double (*read)(const float* x, std::int64_t count, std::int64_t passes);
  void (*copy)(const float* from, float* to, std::int64_t count, std::int64_t passes);
  /// By stores that go past the caches, where the CPU has them.
  void (*copy_nt)(const float* from, float* to, std::int64_t count, std::int64_t passes);
};

inline constexpr std::int64_t kProbeBlock = 256;

/// Those of the best instruction set that this CPU has.
Probes probes();

}  // namespace overtake
