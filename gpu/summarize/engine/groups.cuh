// SPDX-License-Identifier: Apache-2.0
// Sums of every numeric column in every category on the GPU. For gpu/summarize/engine/fused_summary.cuh.
#pragma once

#include <cstdint>

#include "core/workload/statistics.h"
#include "gpu/cuda/host_device.cuh"
#include "gpu/table/device_table.cuh"

namespace overtake {

/// Of each category of all categorical columns, of each numeric column and one more, whose values are all there: sums
/// and counts, kept as rows of columns + 1. The last column's counts are the categories' rows.
struct GroupTotals {
  double* sums;
  unsigned long long* counts;
  std::int64_t columns;  // numeric ones
};

/// Rows of one categorical column against one numeric column: block b takes column b / parts and every parts-th tile.
struct GroupPlan {
  std::int64_t rows, columns, parts;  // columns: numeric ones and the one more
  int tile_rows;

  OVERTAKE_HOST_DEVICE constexpr std::int64_t blocks() const { return columns * parts; }
  OVERTAKE_HOST_DEVICE constexpr std::int64_t tiles() const { return (rows + tile_rows - 1) / tile_rows; }
  static constexpr GroupPlan of(std::int64_t rows, std::int64_t numeric, int tile_rows, std::int64_t blocks_at_once) {
    GroupPlan plan{rows, numeric + 1, 1, tile_rows};
    const std::int64_t wanted = (blocks_at_once + plan.columns - 1) / plan.columns;
    plan.parts = wanted < plan.tiles() ? wanted : plan.tiles();
    if (plan.parts < 1) plan.parts = 1;
    return plan;
  }
};

/// Calls add(value, code) for each row of the block's tiles where there are both; the value is 0 in the one column
/// more.
template <int kThreads, class Block, class Add>
OVERTAKE_DEVICE void for_each_of_a_category(const Block& block, const DeviceColumns& table, const GroupPlan& plan,
                                            std::int64_t categorical, Add&& add) {
  constexpr int kWidth = kVectorWidth<float>;
  constexpr std::int64_t kStep = std::int64_t{kThreads} * kWidth;
  const std::int64_t column = block.index() / plan.parts;
  const bool values = column < table.numeric_columns;
  const std::int32_t levels = table.levels(categorical), *codes = table.codes_of(categorical);
  for (std::int64_t tile = block.index() % plan.parts; tile < plan.tiles(); tile += plan.parts)
    for (std::int64_t row = tile * plan.tile_rows + std::int64_t{block.thread()} * kWidth;
         row < plan.rows && row < (tile + 1) * plan.tile_rows; row += kStep) {
      // Columns have room for whole vectors behind their last row.
      const auto some_codes = *reinterpret_cast<const Vector<std::int32_t>*>(codes + row);
      Vector<float> some{};
      if (values) some = *reinterpret_cast<const Vector<float>*>(table.column(column) + row);
      OVERTAKE_UNROLL
      for (int k = 0; k < kWidth; ++k) {
        const std::int32_t code = some_codes.v[k];
        if (row + k < plan.rows && static_cast<std::uint32_t>(code) < static_cast<std::uint32_t>(levels) &&
            some.v[k] == some.v[k])
          add(some.v[k], code);
      }
    }
}

/// Few categories: each thread has a sum and a count of each in shared memory, where threads do not meet; the block's
/// are added to everyone's at the end.
template <int kThreadsOfBlock>
struct SumFewGroups {
  static constexpr int kThreads = kThreadsOfBlock, kMostLevels = 4096 / kThreads;
  static constexpr std::size_t kSharedBytes = (sizeof(double) + sizeof(unsigned)) * kThreads * kMostLevels;

  DeviceColumns table;
  GroupPlan plan;
  std::int64_t categorical;
  GroupTotals totals;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char* shared) const {
    auto* sums = reinterpret_cast<double*>(shared);
    auto* counts = reinterpret_cast<unsigned*>(shared + sizeof(double) * kThreads * kMostLevels);
    const std::int32_t levels = table.levels(categorical);
    for (std::int32_t level = 0; level < levels; ++level) {
      sums[level * kThreads + block.thread()] = 0;
      counts[level * kThreads + block.thread()] = 0;
    }
    for_each_of_a_category<kThreads>(block, table, plan, categorical, [&](float x, std::int32_t code) {
      sums[code * kThreads + block.thread()] += static_cast<double>(x);
      ++counts[code * kThreads + block.thread()];
    });
    block.sync();
    for (std::int32_t level = block.thread(); level < levels; level += kThreads) {
      double sum = 0;
      unsigned long long count = 0;
      // Threads begin at different places, which are in different banks.
      for (int i = 0; i < kThreads; ++i) {
        const int at = level * kThreads + (i + block.thread()) % kThreads;
        sum += sums[at];
        count += counts[at];
      }
      const std::int64_t place = (table.first[categorical] + level) * (totals.columns + 1) + block.index() / plan.parts;
      if (count == 0) continue;
      block.add_to(&totals.sums[place], sum);
      block.add_to(&totals.counts[place], count);
    }
  }
};

/// Many categories: every value is added to everyone's sum at once. Where they are many, threads seldom meet.
struct SumManyGroups {
  static constexpr int kThreads = 256;
  static constexpr std::size_t kSharedBytes = 0;

  DeviceColumns table;
  GroupPlan plan;
  std::int64_t categorical;
  GroupTotals totals;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char*) const {
    const std::int64_t column = block.index() / plan.parts, first = table.first[categorical];
    for_each_of_a_category<kThreads>(block, table, plan, categorical, [&](float x, std::int32_t code) {
      const std::int64_t place = (first + code) * (totals.columns + 1) + column;
      block.add_to(&totals.sums[place], static_cast<double>(x));
      block.add_to(&totals.counts[place], 1);
    });
  }
};

/// A thread for each mean.
struct GroupMeans {
  static constexpr int kThreads = 256;
  static constexpr std::size_t kSharedBytes = 0;

  GroupTotals totals;
  std::int64_t levels;
  std::int64_t* rows;
  double* means;  // levels x columns

  OVERTAKE_HOST_DEVICE std::int64_t blocks() const { return (levels * (totals.columns + 1) + kThreads - 1) / kThreads; }

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char*) const {
    const std::int64_t place = block.index() * kThreads + block.thread();
    const std::int64_t level = place / (totals.columns + 1), column = place % (totals.columns + 1);
    if (level >= levels) return;
    const unsigned long long count = totals.counts[place];
    if (column == totals.columns)
      rows[level] = static_cast<std::int64_t>(count);
    else
      means[level * totals.columns + column] =
          count > 0 ? totals.sums[place] / static_cast<double>(count) : Statistics::kNaN;
  }
};

}  // namespace overtake
