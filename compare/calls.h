// SPDX-License-Identifier: Apache-2.0
// Break-even in calls: two ways that load their data once and then work on it several times, such as a GPU and a CPU.
// For breakeven.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compare/measured.h"

namespace overtake::compare {

/// Which of two ways.
enum class Side { neither, a, b };

/// Beyond so many calls nobody asks: who is not overtaken by then is not overtaken.
constexpr double kMostCalls = 1e9;

/// Both ways for one number of calls, as it was measured and as it follows from one call.
struct MeasuredCalls {
  std::int64_t calls = 1;
  double seconds_a = 0, seconds_b = 0;      // medians
  double predicted_a = 0, predicted_b = 0;  // the same
  Ratio ratio, predicted;                   // of b over a
  /// The two intervals of the ratio overlap.
  bool agrees() const;
};

/// At one size. T(c) = end_to_end + (c - 1) kernel: load and store once, c calls.
struct CallsBreakEven {
  std::string workload;
  Dtype dtype = Dtype::none;
  KeyValues params, shape;
  std::string a, b;            // "openmp with 2 workers"
  Side once = Side::neither;   // surely faster where it is called once
  Side often = Side::neither;  // surely faster where it is called kMostCalls times
  /// The number of calls from which on the other one pays, where the estimates cross at all.
  std::optional<double> estimate;
  /// Its interval: numbers of calls for which the samples do not say who is faster. Without: there are none. It begins
  /// at 1 where `once` is neither, and has no end where `often` is neither.
  bool has_interval = false;
  double low = 1;
  std::optional<double> high;
  std::vector<MeasuredCalls> measured;  // fewest calls first
};

/// The four cells are of one size; each way's two are paired process by process (sample by sample where there is one
/// process), since what disturbs a process disturbs both. The interval inverts the test of hodges_lehmann_ratio() at
/// each number of calls (as E. C. Fieller, "Some problems in interval estimation", Journal of the Royal Statistical
/// Society B 16, 1954, does for normal samples), widened to the noise floor.
CallsBreakEven calls_break_even(const Measured& kernel_a, const Measured& end_to_end_a, const Measured& kernel_b,
                                const Measured& end_to_end_b, double noise_floor, double confidence);

/// What is to be expected of `calls` calls, beside what was measured.
MeasuredCalls measured_calls(const Measured& kernel_a, const Measured& end_to_end_a, const Measured& kernel_b,
                             const Measured& end_to_end_b, const Measured& calls_a, const Measured& calls_b,
                             std::int64_t calls, double confidence);

}  // namespace overtake::compare
