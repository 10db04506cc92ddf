// SPDX-License-Identifier: Apache-2.0
// The inner loops of summarize, vectorised for each instruction set that this CPU may have; those that preprocess has
// too are in cpu/table. For cpu/summarize/engine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace overtake {

/// Columns that are taken together.
constexpr std::size_t kGroup = 8;

/// counts[k] += how many of values[0, count) are at least thresholds[k], NaN never.
void count_at_least(const float* values, std::int64_t count, std::span<const float> thresholds,
                    std::span<std::int64_t> counts);

/// Up to kGroup columns, and a value of each from which differences are taken.
struct ColumnGroup {
  std::array<const float*, kGroup> columns;
  std::array<double, kGroup> near;
  std::size_t count;
};

/// Of each column a of one group and b of another, over the rows where both have a finite value, of differences from
/// `near`: [a][b]. Of a group with itself only where a <= b.
struct Products {
  using Matrix = std::array<std::array<double, kGroup>, kGroup>;
  Matrix rows, a, b, aa, bb, ab;  // sums of 1, a, b, a a, b b, a b
};

/// Adds `rows` rows. `same`: both are one group.
void add_products(const ColumnGroup& a, const ColumnGroup& b, bool same, std::int64_t rows, Products& sums);

/// Sums and counts of the values of kGroup columns in one category.
struct alignas(64) GroupSums {
  std::array<double, kGroup> sums, counts;
};

/// Adds `count` rows of kGroup values (NaN: missing), row i to table[places[i]].
void add_to_groups(const float* rows, const std::int32_t* places, std::int64_t count, GroupSums* table);

}  // namespace overtake
