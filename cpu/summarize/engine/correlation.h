// SPDX-License-Identifier: Apache-2.0
// Pearson's correlation of two columns over the rows where both have a finite value. For cpu/summarize/engine.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/workload/pair_sums.h"

namespace overtake {

/// NaN where fewer than two rows are left or a column is equal to the value that differences were taken from; nothing
/// where cancellation took too many digits (Summarize::kCancellation): correlation_about_means() is then needed.
std::optional<double> correlation_of(const PairSums&);

/// Two passes, the second about the means over the pair's rows.
double correlation_about_means(const float* a, const float* b, std::int64_t rows);

/// A value to take differences from: the median of some finite ones, 0 where there is none among those. It is within a
/// deviation of the mean but in odd columns.
double near_of(std::span<const float> column);

}  // namespace overtake
