// SPDX-License-Identifier: Apache-2.0
// Count, mean, spread and extremes of every column in one reading, on the GPU. For the fused variants of preprocess and
// summarize. Where a round asks for order statistics too, the same reading counts the first digits of the values' keys
// (gpu/table/select.cuh).
#pragma once

#include <cmath>
#include <cstdint>

#include "core/workload/statistics.h"
#include "gpu/cuda/host_device.cuh"
#include "gpu/table/device_table.cuh"
#include "gpu/table/keys.cuh"

namespace overtake {

/// Columns are read as they are; other readings say what happens to a thread's values first.
struct AsItIs {
  OVERTAKE_DEVICE void operator()(std::int64_t, float (&)[Chunks::kValues]) const {}
};

/// What a step before filled in behind the last row is no value.
template <class Block>
OVERTAKE_DEVICE void leave_out_behind(const Chunks& chunks, const Block& block, std::int64_t tile,
                                      float (&values)[Chunks::kValues]) {
  constexpr int kWidth = kVectorWidth<float>;
  OVERTAKE_UNROLL
  for (int i = 0; i < Chunks::kValues; ++i)
    if (Chunks::row_of(tile, block.thread(), i / kWidth) + i % kWidth >= chunks.rows) values[i] = kMissingValue;
}

/// Adds a thread's values of a tile: two passes over registers, the second about the mean of the first, so that neither
/// a large offset nor an outlier in another tile takes digits; then Chan's formula. Sums in double precision.
OVERTAKE_DEVICE void add_values(const float (&values)[Chunks::kValues], Statistics& statistics) {
  int present = 0;
  double sum = 0;
  float least = kInfiniteValue, most = -kInfiniteValue;
  OVERTAKE_UNROLL
  for (int i = 0; i < Chunks::kValues; ++i) {
    const bool is = values[i] == values[i];
    present += is ? 1 : 0;
    sum += static_cast<double>(is ? values[i] : 0.0f);
    least = fminf(least, values[i]);  // the number, where the other is NaN
    most = fmaxf(most, values[i]);
  }
  if (present == 0) return;
  const double mean = sum / present;
  double squares = 0;
  OVERTAKE_UNROLL
  for (int i = 0; i < Chunks::kValues; ++i) {
    const double difference = values[i] == values[i] ? static_cast<double>(values[i]) - mean : 0;
    squares += difference * difference;
  }
  statistics = merged(statistics, {present, mean, squares, static_cast<double>(least), static_cast<double>(most)});
}

/// Those of all threads of a block in shared[0]; `shared` has one place a thread. Ends with a barrier.
template <int kThreads, class Block>
OVERTAKE_DEVICE void merge_block(const Block& block, const Statistics& mine, Statistics* shared) {
  shared[block.thread()] = mine;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    block.sync();
    if (block.thread() < half) shared[block.thread()] = merged(shared[block.thread()], shared[block.thread() + half]);
  }
  block.sync();
}

/// One block for each part of a column. parts: one place a block; digits: kDigits places a column.
template <class Before, bool kCountsDigits>
struct GatherMoments {
  static constexpr int kThreads = Chunks::kThreads;
  static constexpr std::size_t kSharedBytes =
      kThreads * sizeof(Statistics) + (kCountsDigits ? Keys::kDigits * sizeof(unsigned) : 0);

  DeviceColumns table;
  Chunks chunks;
  Before before;
  Statistics* parts;
  unsigned long long* digits;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char* shared) const {
    const std::int64_t column = chunks.column(block.index());
    auto* merging = reinterpret_cast<Statistics*>(shared);
    auto* bins = reinterpret_cast<unsigned*>(shared + kThreads * sizeof(Statistics));
    if constexpr (kCountsDigits) Keys::clear<kThreads>(block, bins, Keys::kDigits);
    Statistics mine;
    for_each_tile(block, chunks, table.column(column),
                  [&](float(&values)[Chunks::kValues], std::int64_t tile, bool whole) {
                    before(column, values);
                    if (!whole) leave_out_behind(chunks, block, tile, values);
                    add_values(values, mine);
                    if constexpr (kCountsDigits) {
                      OVERTAKE_UNROLL
                      for (int i = 0; i < Chunks::kValues; ++i)
                        if (values[i] == values[i]) block.add_to(&bins[Keys::digit(Keys::of(values[i]), 0)], 1);
                    }
                  });
    merge_block<kThreads>(block, mine, merging);
    if (block.thread() == 0) parts[block.index()] = merging[0];
    if constexpr (kCountsDigits) Keys::add_bins<kThreads>(block, bins, digits + column * Keys::kDigits);
  }
};

/// One block a column: all its parts together.
struct MergeMoments {
  static constexpr int kThreads = 128;
  static constexpr std::size_t kSharedBytes = kThreads * sizeof(Statistics);

  const Statistics* parts;
  std::int64_t parts_of_column;
  Statistics* columns;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char* shared) const {
    auto* merging = reinterpret_cast<Statistics*>(shared);
    Statistics mine;
    for (std::int64_t i = block.thread(); i < parts_of_column; i += kThreads)
      mine = merged(mine, parts[block.index() * parts_of_column + i]);
    merge_block<kThreads>(block, mine, merging);
    if (block.thread() == 0) columns[block.index()] = settled(merging[0]);
  }
};

}  // namespace overtake
