// SPDX-License-Identifier: Apache-2.0
// Correlations on the GPU: sums of products of every pair of columns over the rows that both have, eight columns
// against eight at a time in shared memory. For gpu/summarize/engine/fused_summary.cuh.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/workload/pair_sums.h"
#include "gpu/cuda/host_device.cuh"
#include "gpu/table/device_table.cuh"

namespace overtake {

/// A column's values as differences from `near` need no more than its own digits: the median of some finite ones, 0
/// where there is none among those. One block a column.
struct NearValues {
  static constexpr int kThreads = 256;
  static constexpr std::size_t kSharedBytes = kThreads * sizeof(float);

  DeviceColumns table;
  double* near;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char* shared) const {
    auto* sample = reinterpret_cast<float*>(shared);
    const std::int64_t step = table.rows < kThreads ? 1 : table.rows / kThreads, row = block.thread() * step;
    sample[block.thread()] = row < table.rows ? table.column(block.index())[row] : kMissingValue;
    block.sync();
    // The one that half of the others are below; of equal ones the first is below.
    const float mine = sample[block.thread()];
    int below = 0, finite = 0;
    for (int i = 0; i < kThreads; ++i) {
      if (!std::isfinite(sample[i])) continue;
      ++finite;
      below += sample[i] < mine || (sample[i] == mine && i < block.thread()) ? 1 : 0;
    }
    if (finite == 0 && block.thread() == 0) near[block.index()] = 0;
    if (finite > 0 && std::isfinite(mine) && below == finite / 2) near[block.index()] = static_cast<double>(mine);
  }
};

/// The pairs of `columns` columns: groups of eight, and of these the pairs g <= h, row by row of the triangle.
struct PairPlan {
  static constexpr int kGroup = 8, kPairs = kGroup * kGroup;

  std::int64_t columns, parts;

  struct Groups {
    std::int64_t g, h;
  };

  OVERTAKE_HOST_DEVICE constexpr std::int64_t groups() const { return (columns + kGroup - 1) / kGroup; }
  OVERTAKE_HOST_DEVICE constexpr std::int64_t pairs_of_groups() const { return groups() * (groups() + 1) / 2; }
  OVERTAKE_HOST_DEVICE constexpr Groups groups_at(std::int64_t pair) const {
    std::int64_t g = 0, left = pair;
    while (left >= groups() - g) left -= groups() - g++;
    return {g, g + left};
  }
  OVERTAKE_HOST_DEVICE constexpr std::int64_t pair_of(std::int64_t g, std::int64_t h) const {
    return g * groups() - g * (g + 1) / 2 + h;
  }
};

/// Sums of every pair of columns: block b takes groups b / parts, and every parts-th tile of rows from b % parts on.
/// Of 256 threads each has one of 64 pairs and every fourth row. sums: kPairs a block.
struct SumPairs {
  static constexpr int kThreads = 256, kRows = 128, kLanes = kThreads / PairPlan::kPairs;
  static constexpr int kStride = kRows + 1;  // rows of eight columns lie in different banks
  static constexpr std::size_t kSharedBytes = sizeof(double) * 2 * PairPlan::kGroup * kStride;
  static_assert(kThreads * sizeof(PairSums) <= kSharedBytes, "threads' sums take the place of the tile");

  DeviceColumns table;
  PairPlan plan;
  const double* near;
  PairSums* sums;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char* shared) const {
    auto* tile = reinterpret_cast<double*>(shared);
    const PairPlan::Groups groups = plan.groups_at(block.index() / plan.parts);
    const int pair = block.thread() % PairPlan::kPairs, lane = block.thread() / PairPlan::kPairs;
    const double* a = tile + std::int64_t{pair / PairPlan::kGroup} * kStride;
    const double* b = tile + std::int64_t{PairPlan::kGroup + pair % PairPlan::kGroup} * kStride;
    PairSums mine;
    for (std::int64_t first = block.index() % plan.parts * kRows; first < table.rows; first += plan.parts * kRows) {
      block.sync();
      stage(block, groups.g, first, tile);
      stage(block, groups.h, first, tile + std::int64_t{PairPlan::kGroup} * kStride);
      block.sync();
      for (int r = lane; r < kRows; r += kLanes) add(a[r], b[r], mine);
    }
    block.sync();
    auto* all = reinterpret_cast<PairSums*>(shared);
    all[block.thread()] = mine;
    block.sync();
    if (lane != 0) return;
    for (int i = 1; i < kLanes; ++i) mine = together(mine, all[pair + i * PairPlan::kPairs]);
    sums[block.index() * PairPlan::kPairs + pair] = mine;
  }

 private:
  // NaN where there is no finite value, no such row or no such column.
  template <class Block>
  OVERTAKE_DEVICE void stage(const Block& block, std::int64_t group, std::int64_t first, double* to) const {
    OVERTAKE_UNROLL
    for (int i = 0; i < PairPlan::kGroup * kRows / kThreads; ++i) {
      const int at = i * kThreads + block.thread(), r = at % kRows, j = at / kRows;
      const std::int64_t column = group * PairPlan::kGroup + j, row = first + r;
      const bool inside = column < table.numeric_columns && row < table.rows;
      const float x = inside ? table.column(column)[row] : kMissingValue;
      to[j * kStride + r] = std::isfinite(x) ? static_cast<double>(x) - near[column] : Statistics::kNaN;
    }
  }

  OVERTAKE_DEVICE static void add(double a, double b, PairSums& sums) {
    const double product = a * b;
    if (product != product) return;
    sums.rows += 1;
    sums.a += a;
    sums.b += b;
    sums.aa += a * a;
    sums.bb += b * b;
    sums.ab += product;
  }
};

/// A block for each pair of columns of each pair of groups: the parts together, then the correlation.
struct CorrelatePairs {
  static constexpr int kThreads = 32;
  static constexpr std::size_t kSharedBytes = kThreads * sizeof(PairSums);

  PairPlan plan;
  const PairSums* sums;
  double* correlation;  // columns x columns
  unsigned* unclear;    // raised, and the place left NaN, where sums about the means are needed
  unsigned* again;      // of each place: whether that is so

  OVERTAKE_HOST_DEVICE std::int64_t blocks() const { return plan.pairs_of_groups() * PairPlan::kPairs; }

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char* shared) const {
    const std::int64_t groups = block.index() / PairPlan::kPairs, pair = block.index() % PairPlan::kPairs;
    const auto [g, h] = plan.groups_at(groups);
    const std::int64_t j = g * PairPlan::kGroup + pair / PairPlan::kGroup,
                       k = h * PairPlan::kGroup + pair % PairPlan::kGroup;
    if (j > k || k >= plan.columns) return;
    auto* all = reinterpret_cast<PairSums*>(shared);
    PairSums mine;
    for (std::int64_t part = block.thread(); part < plan.parts; part += kThreads)
      mine = together(mine, sums[(groups * plan.parts + part) * PairPlan::kPairs + pair]);
    all[block.thread()] = mine;
    for (int half = kThreads / 2; half > 0; half /= 2) {
      block.sync();
      if (block.thread() < half) all[block.thread()] = together(all[block.thread()], all[block.thread() + half]);
    }
    if (block.thread() != 0) return;
    double r = 0;
    const bool clear = correlation_of(all[0], r);
    if (!clear) *unclear = 1;
    again[j * plan.columns + k] = clear ? 0 : 1;
    correlation[j * plan.columns + k] = correlation[k * plan.columns + j] = r;
  }
};

/// The pairs that are wanted again, about their means over the pair's rows: a block for each place j <= k, which reads
/// both columns twice. Slow, and rare: a column that varies little where another one has values.
struct CorrelateAboutMeans {
  static constexpr int kThreads = 256;
  struct Present {
    PairSums sums;
    float a_min, a_max, b_min, b_max;
  };
  static constexpr std::size_t kSharedBytes = kThreads * sizeof(Present);

  DeviceColumns table;
  const unsigned* again;
  double* correlation;

  OVERTAKE_HOST_DEVICE std::int64_t blocks() const { return table.numeric_columns * table.numeric_columns; }

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char* shared) const {
    const std::int64_t j = block.index() / table.numeric_columns, k = block.index() % table.numeric_columns;
    if (j > k || again[block.index()] == 0) return;
    auto* all = reinterpret_cast<Present*>(shared);
    gather(block, j, k, 0, 0, all);
    const Present first = all[0];
    block.sync();
    gather(block, j, k, first.sums.a / first.sums.rows, first.sums.b / first.sums.rows, all);
    if (block.thread() != 0) return;
    double r = Statistics::kNaN;
    if (first.a_min < first.a_max && first.b_min < first.b_max) {
      r = all[0].sums.ab / std::sqrt(all[0].sums.aa * all[0].sums.bb);
      r = r < -1 ? -1 : r > 1 ? 1 : r;
    }
    correlation[j * table.numeric_columns + k] = correlation[k * table.numeric_columns + j] = r;
  }

 private:
  // Of differences from these values, in all[0] behind a barrier.
  template <class Block>
  OVERTAKE_DEVICE void gather(const Block& block, std::int64_t j, std::int64_t k, double a_near, double b_near,
                              Present* all) const {
    const float *as = table.column(j), *bs = table.column(k);
    Present mine{{}, kInfiniteValue, -kInfiniteValue, kInfiniteValue, -kInfiniteValue};
    for (std::int64_t i = block.thread(); i < table.rows; i += kThreads) {
      if (!std::isfinite(as[i]) || !std::isfinite(bs[i])) continue;
      const double a = static_cast<double>(as[i]) - a_near, b = static_cast<double>(bs[i]) - b_near;
      mine = both(mine, {{1, a, b, a * a, b * b, a * b}, as[i], as[i], bs[i], bs[i]});
    }
    all[block.thread()] = mine;
    for (int half = kThreads / 2; half > 0; half /= 2) {
      block.sync();
      if (block.thread() < half) all[block.thread()] = both(all[block.thread()], all[block.thread() + half]);
    }
    block.sync();
  }

  OVERTAKE_DEVICE static Present both(const Present& x, const Present& y) {
    return {together(x.sums, y.sums), fminf(x.a_min, y.a_min), fmaxf(x.a_max, y.a_max), fminf(x.b_min, y.b_min),
            fmaxf(x.b_max, y.b_max)};
  }
};

}  // namespace overtake
