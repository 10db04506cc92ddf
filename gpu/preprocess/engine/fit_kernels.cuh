// SPDX-License-Identifier: Apache-2.0
// What fitting does on the GPU besides the readings of gpu/table: parameters from statistics, most frequent values,
// categories. For gpu/preprocess/engine/fused_pipeline.cuh.
#pragma once

#include <cstdint>

#include "core/workload/fit_rounds.h"
#include "core/workload/statistics.h"
#include "gpu/preprocess/engine/column_steps.cuh"
#include "gpu/table/select.cuh"

namespace overtake {

/// What the first step of a round asks for beside moments.
enum class Middle { none, median, most_frequent };

/// Parameters of the round's steps, and what the steps up to `next` do: a thread for each column.
struct ResolveRound {
  static constexpr int kThreads = 64;
  static constexpr std::size_t kSharedBytes = 0;
  static constexpr std::int64_t blocks(std::int64_t columns) { return (columns + kThreads - 1) / kThreads; }

  const Step* pipeline;
  std::size_t pipeline_steps;
  Round round;       // empty: before the first
  std::size_t next;  // first step of the next round, or the number of steps
  bool given;        // all parameters are
  std::int64_t rows, columns;
  Middle middle;
  const Statistics* statistics;
  const Search* medians;
  const unsigned long long* runs;  // see LongestRun
  double* parameters;              // steps x 2 columns
  ColumnSteps steps;
  unsigned* unclear;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char*) const {
    const std::int64_t column = block.index() * kThreads + block.thread();
    if (column >= columns) return;
    const ColumnParameters mine{parameters + 2 * column, 2 * columns};
    if (round.first == round.last && !given) set_constant_parameters(pipeline, pipeline_steps, mine);
    if (round.first < round.last && !resolve(pipeline, round, statistics[column], middle_of(column), rows, mine))
      *unclear = 1;
    steps.set(column, pipeline, next, mine);
  }

 private:
  OVERTAKE_DEVICE double middle_of(std::int64_t column) const {
    if (middle == Middle::median) return quantile_of(medians[column]);
    if (middle == Middle::most_frequent && runs[column] != 0)
      return static_cast<double>(Keys::value(~static_cast<std::uint32_t>(runs[column])));
    return 0;
  }
};

/// Keys of one column, those of missing values behind all others: what is sorted to find the most frequent value.
struct WriteKeys {
  static constexpr int kThreads = Chunks::kThreads;
  static constexpr std::size_t kSharedBytes = 0;
  static constexpr std::uint32_t kMissing = ~std::uint32_t{0};  // the key of a NaN

  DeviceColumns table;
  std::int64_t column, blocks;
  ColumnSteps steps;
  unsigned* keys;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char*) const {
    for (std::int64_t i = block.index() * kThreads + block.thread(); i < table.rows; i += blocks * kThreads) {
      float x = table.column(column)[i];
      for (int s = 0; s < steps.counts[column]; ++s) x = steps.of(column)[s](x);
      keys[i] = x == x ? Keys::of(x) : kMissing;
    }
  }
};

/// The longest run of equal keys among sorted ones, the first of several: raises run to its length, and in the lower
/// half all bits of its key inverted, so that of equal lengths the least key is the greatest number.
struct LongestRun {
  static constexpr int kThreads = 256;
  static constexpr std::size_t kSharedBytes = kThreads * sizeof(unsigned long long);
  static constexpr std::int64_t kMostRows = std::int64_t{1} << 32;  // a length takes half of a number

  const unsigned* keys;
  const Statistics* statistics;  // of the column
  std::int64_t blocks;
  unsigned long long* run;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char* shared) const {
    auto* best = reinterpret_cast<unsigned long long*>(shared);
    const std::int64_t count = statistics->count;
    unsigned long long mine = 0;
    for (std::int64_t i = block.index() * kThreads + block.thread(); i < count; i += blocks * kThreads) {
      if (i > 0 && keys[i - 1] == keys[i]) continue;
      const auto length = static_cast<unsigned long long>(end_of_run(keys, i, count) - i);
      const unsigned long long found = length << 32 | static_cast<std::uint32_t>(~keys[i]);
      mine = found > mine ? found : mine;
    }
    best[block.thread()] = mine;
    for (int half = kThreads / 2; half > 0; half /= 2) {
      block.sync();
      if (block.thread() < half && best[block.thread() + half] > best[block.thread()])
        best[block.thread()] = best[block.thread() + half];
    }
    if (block.thread() == 0 && best[0] != 0) block.raise_to(run, best[0]);
  }

  /// The first place behind `first` with another key, by steps that double and then by halves.
  OVERTAKE_HOST_DEVICE static std::int64_t end_of_run(const unsigned* sorted, std::int64_t first, std::int64_t count) {
    std::int64_t in = first, step = 1;
    while (in + step < count && sorted[in + step] == sorted[first]) {
      in += step;
      step *= 2;
    }
    std::int64_t out = in + step < count ? in + step : count;
    while (out - in > 1) {
      const std::int64_t middle = in + (out - in) / 2;
      if (sorted[middle] == sorted[first])
        in = middle;
      else
        out = middle;
    }
    return out;
  }
};

/// seen[category] = 1 for those that occur. Every thread collects the categories of a window of 64 in a word, so that
/// memory is written once a category; columns with more are marked as they are read.
struct MarkCategories {
  static constexpr int kThreads = Chunks::kThreads;
  static constexpr std::size_t kSharedBytes = 0;
  static constexpr int kWindow = 64;

  DeviceColumns table;
  Chunks chunks;  // of the categorical columns
  std::int32_t* seen;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char*) const {
    const std::int64_t column = chunks.column(block.index());
    const std::int32_t levels = table.levels(column);
    std::int32_t* mine = seen + table.first[column];
    const std::int32_t* codes = table.codes_of(column);
    std::uint64_t window = 0;
    for (std::int64_t tile = chunks.part(block.index()); tile < chunks.tiles(); tile += chunks.parts) OVERTAKE_UNROLL
    for (int i = 0; i < Chunks::kVectors; ++i) {
      const std::int64_t row = Chunks::row_of(tile, block.thread(), i);
      if (row >= chunks.rows) continue;
      // Behind the last row there is room up to a whole vector.
      const auto some = *reinterpret_cast<const Vector<std::int32_t>*>(codes + row);
      OVERTAKE_UNROLL
      for (int k = 0; k < kVectorWidth<float>; ++k) {
        const std::int32_t code = some.v[k];
        if (row + k >= chunks.rows || static_cast<std::uint32_t>(code) >= static_cast<std::uint32_t>(levels)) continue;
        if (code < kWindow)
          window |= std::uint64_t{1} << code;
        else
          mark(mine[code]);
      }
    }
    for (int level = 0; level < kWindow && level < levels; ++level)
      if ((window >> level & 1) != 0) mark(mine[level]);
  }

 private:
  // All write the same.
  OVERTAKE_DEVICE static void mark(std::int32_t& category) {
    if (category == 0) category = 1;
  }
};

}  // namespace overtake
