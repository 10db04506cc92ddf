// SPDX-License-Identifier: Apache-2.0
// A table in a GPU's memory, and how its rows are shared out to blocks. For the variants of preprocess and summarize.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/workload/table_input.h"
#include "gpu/cuda/host_device.cuh"
#include "gpu/cuda/vector.cuh"

namespace overtake {

// Kernels may use the values of constants, but call no function of std::numeric_limits.
constexpr float kMissingValue = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfiniteValue = std::numeric_limits<float>::infinity();

/// As kernels see it. Every column begins on 128 bytes.
struct DeviceColumns {
  const float* numeric;       // column j at j * pitch
  const std::int32_t* codes;  // categorical column j at j * pitch
  const std::int32_t* first;  // of each categorical column its first category among all, and how many there are
  std::int64_t rows, pitch, numeric_columns, categorical_columns;

  OVERTAKE_HOST_DEVICE const float* column(std::int64_t j) const { return numeric + j * pitch; }
  OVERTAKE_HOST_DEVICE const std::int32_t* codes_of(std::int64_t j) const { return codes + j * pitch; }
  OVERTAKE_HOST_DEVICE std::int32_t levels(std::int64_t j) const { return first[j + 1] - first[j]; }
};

constexpr std::int64_t kPitchRows = 32;
constexpr std::int64_t pitch_of(std::int64_t rows) { return (rows + kPitchRows - 1) / kPitchRows * kPitchRows; }

template <class Machine>
class DeviceTable {
 public:
  DeviceTable(const Machine& machine, const TableShape& shape)
      : machine_(machine),
        shape_(shape),
        pitch_(pitch_of(shape.rows)),
        numeric_(static_cast<std::size_t>(pitch_ * shape.numeric())),
        codes_(static_cast<std::size_t>(pitch_ * shape.categorical)),
        first_(static_cast<std::size_t>(shape.categorical + 1)) {}

  /// Complete once the machine's stream is.
  void load(const TableView<float>& table) {
    machine_.copy_rows(numeric_.data(), pitch_, table.numeric.data, table.numeric.stride, shape_.numeric(),
                       shape_.rows);
    machine_.copy_rows(codes_.data(), pitch_, table.codes.data, table.codes.stride, shape_.categorical, shape_.rows);
    host_first_.assign(1, 0);
    for (const std::int32_t levels : table.levels) host_first_.push_back(host_first_.back() + levels);
    machine_.copy(first_.data(), host_first_.data(), host_first_.size());
  }

  DeviceColumns columns() const {
    return {numeric_.data(), codes_.data(), first_.data(), shape_.rows, pitch_, shape_.numeric(), shape_.categorical};
  }
  /// On the host, as DeviceColumns::first.
  const std::vector<std::int32_t>& first() const { return host_first_; }

 private:
  const Machine& machine_;
  TableShape shape_;
  std::int64_t pitch_;
  typename Machine::template Buffer<float> numeric_;
  typename Machine::template Buffer<std::int32_t> codes_, first_;
  std::vector<std::int32_t> host_first_;
};

/// Rows of each column, shared out to `parts` blocks a column: block b takes of column b / parts every parts-th tile
/// from b % parts on. Blocks that run at the same time so read what lies beside each other.
struct Chunks {
  static constexpr int kThreads = 256, kVectors = 4, kValues = kVectors * kVectorWidth<float>;
  static constexpr std::int64_t kTileRows = std::int64_t{kThreads} * kValues;

  std::int64_t rows, columns, parts;

  OVERTAKE_HOST_DEVICE std::int64_t blocks() const { return columns * parts; }
  OVERTAKE_HOST_DEVICE std::int64_t column(std::int64_t block) const { return block / parts; }
  OVERTAKE_HOST_DEVICE std::int64_t part(std::int64_t block) const { return block % parts; }
  OVERTAKE_HOST_DEVICE std::int64_t tiles() const { return (rows + kTileRows - 1) / kTileRows; }
  /// First row of vector `i` of a thread in a tile: neighbours read neighbouring vectors.
  OVERTAKE_HOST_DEVICE static constexpr std::int64_t row_of(std::int64_t tile, int thread, int i) {
    return tile * kTileRows + std::int64_t{i * kThreads + thread} * kVectorWidth<float>;
  }
};

/// As many blocks as run at once, none without a tile; one a column at least.
constexpr Chunks chunks_of(std::int64_t rows, std::int64_t columns, std::int64_t blocks_at_once) {
  Chunks chunks{rows, columns, 1};
  if (columns == 0) return chunks;
  const std::int64_t wanted = (blocks_at_once + columns - 1) / columns, tiles = chunks.tiles();
  chunks.parts = wanted < tiles ? wanted : tiles;
  if (chunks.parts < 1) chunks.parts = 1;
  return chunks;
}

/// Calls work(values, first_rows_of_vectors, whole) for each tile of the block with a thread's values of it; those
/// outside the table are NaN. kValues values: vector i has values[4 i] to values[4 i + 3].
template <class Block, class Work>
OVERTAKE_DEVICE void for_each_tile(const Block& block, const Chunks& chunks, const float* column, Work&& work) {
  constexpr int kWidth = kVectorWidth<float>;
  for (std::int64_t tile = chunks.part(block.index()); tile < chunks.tiles(); tile += chunks.parts) {
    const bool whole = (tile + 1) * Chunks::kTileRows <= chunks.rows;
    float values[Chunks::kValues];
    OVERTAKE_UNROLL
    for (int i = 0; i < Chunks::kVectors; ++i) {
      const std::int64_t row = Chunks::row_of(tile, block.thread(), i);
      Vector<float> vector{};
      if (whole) vector = *reinterpret_cast<const Vector<float>*>(column + row);
      OVERTAKE_UNROLL
      for (int k = 0; k < kWidth; ++k)
        values[kWidth * i + k] = whole ? vector.v[k] : row + k < chunks.rows ? column[row + k] : kMissingValue;
    }
    work(values, tile, whole);
  }
}

}  // namespace overtake
