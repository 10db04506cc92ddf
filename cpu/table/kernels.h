// SPDX-License-Identifier: Apache-2.0
// The inner loops that preprocess and summarize share, vectorised for each instruction set that this CPU may have.
#pragma once

#include <cstdint>

#include "core/workload/statistics.h"

namespace overtake {

/// Most values that a call takes: they stay in the first-level cache from one call to the next.
constexpr std::int64_t kPieceRows = 4096;

/// Adds the statistics of values[0, count), in double precision.
void gather_piece(const float* values, std::int64_t count, Statistics& statistics);

/// How many values are below or at the ends of a bracket; NaN counts nowhere.
struct BracketCounts {
  std::int64_t below_low = 0, to_low = 0, below_high = 0, to_high = 0;  // x < low, x <= low, x < high, x <= high
};
/// Counts values[0, count), and writes those between low and high (neither included) to `between`, which has room for
/// count + 16; returns how many these are.
std::int64_t bracket_piece(const float* values, std::int64_t count, float low, float high, BracketCounts& counts,
                           float* between);

/// Column j, at columns + j * column_stride, becomes out[i * stride + j]: `count` rows of `width` columns.
void to_rows(const float* columns, std::int64_t column_stride, std::int64_t width, std::int64_t count, float* out,
             std::int64_t stride);

/// Name of the instruction set in use, for metrics.
const char* table_target();

}  // namespace overtake
