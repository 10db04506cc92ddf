// SPDX-License-Identifier: Apache-2.0
// Exact medians and quantiles without a sort, after Floyd and Rivest, "Expected time bounds for selection" (1975): a
// sample gives a bracket that holds the value wanted almost surely, one reading counts what is below it and keeps the
// few values within, and the answer is among these. For cpu/preprocess and cpu/summarize.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "cpu/table/kernels.h"

namespace overtake {

/// Values from low to high; both ends infinite: every value.
struct Bracket {
  float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();
};

/// What some rows show of a bracket.
struct Bracketed {
  BracketCounts counts;
  std::vector<float> between;  // neither of its ends
};

/// Sample positions in a column of `rows` rows, the same on every call; empty where a sample is not worth it.
std::vector<std::int64_t> sample_positions(std::int64_t rows);

/// A bracket around quantile q, 0 to 1, of the column that `sample` (NaN: missing) comes from.
Bracket bracket_around(std::span<const float> sample, double q);

/// Adds what values[0, count) show.
void gather_bracket(const float* values, std::int64_t count, Bracket bracket, Bracketed& found);

/// The value of this rank, from 0, among all that are not NaN; nothing where it is not within the bracket. `found`
/// covers all rows; its values are put in another order.
std::optional<float> value_of_rank(Bracketed& found, Bracket bracket, std::int64_t rank);

/// Quantile q of `count` values by linear interpolation between ranks, as numpy and pandas have it.
std::optional<double> quantile(Bracketed& found, Bracket bracket, std::int64_t count, double q);

/// Of all parts together.
Bracketed together(std::span<Bracketed*> parts);

}  // namespace overtake
