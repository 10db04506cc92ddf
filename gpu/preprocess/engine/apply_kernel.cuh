// SPDX-License-Identifier: Apache-2.0
// A fitted pipeline applied on the GPU in one reading and one writing: a block computes a tile of some rows in shared
// memory, column by column as the table lies, and writes it row by row as the features lie. For
// gpu/preprocess/engine/fused_pipeline.cuh.
#pragma once

#include <cstdint>

#include "gpu/cuda/host_device.cuh"
#include "gpu/cuda/vector.cuh"
#include "gpu/preprocess/engine/column_steps.cuh"

namespace overtake {

/// i / divisor by a multiplication. Granlund and Montgomery, "Division by invariant integers using multiplication"
/// (1994), in the simple form that is exact while i * divisor < 2^32.
struct Divisor {
  std::uint32_t divisor, factor;

  OVERTAKE_HOST_DEVICE static constexpr Divisor of(std::uint32_t divisor) {
    return {divisor, divisor <= 1 ? 0 : 0xFFFFFFFFu / divisor + 1};
  }
  OVERTAKE_HOST_DEVICE constexpr std::uint32_t quotient(std::uint32_t i) const {
    return factor == 0 ? i : static_cast<std::uint32_t>(static_cast<std::uint64_t>(i) * factor >> 32);
  }
};

/// Tiles of a rows x width result. A tile has all of a row where that is at most kMostColumns wide.
struct FeatureTiles {
  static constexpr int kMostColumns = 64, kElements = 6144;
  static constexpr int kLeastRowBits = 6, kMostRowBits = 9;

  std::int64_t rows, width;
  int row_bits, tile_rows, tile_columns;  // tile_rows: 2^row_bits
  int stride;                             // of a row in shared memory, odd: rows of one column lie in different banks

  OVERTAKE_HOST_DEVICE static constexpr FeatureTiles of(std::int64_t rows, std::int64_t width) {
    FeatureTiles t{rows, width, kLeastRowBits, 0, width < kMostColumns ? static_cast<int>(width) : kMostColumns, 0};
    t.stride = t.tile_columns | 1;
    while (t.row_bits < kMostRowBits && (t.stride << (t.row_bits + 1)) <= kElements) ++t.row_bits;
    t.tile_rows = 1 << t.row_bits;
    return t;
  }
  OVERTAKE_HOST_DEVICE constexpr std::int64_t across() const {
    return tile_columns == 0 ? 0 : (width + tile_columns - 1) / tile_columns;
  }
  OVERTAKE_HOST_DEVICE constexpr std::int64_t blocks() const { return (rows + tile_rows - 1) / tile_rows * across(); }
  OVERTAKE_HOST_DEVICE constexpr bool whole_rows() const { return tile_columns == width; }
  OVERTAKE_HOST_DEVICE constexpr std::int64_t first_row(std::int64_t block) const {
    return block / across() * tile_rows;
  }
  OVERTAKE_HOST_DEVICE constexpr std::int64_t first_column(std::int64_t block) const {
    return block % across() * tile_columns;
  }
  OVERTAKE_HOST_DEVICE constexpr int rows_of(std::int64_t block) const {
    const std::int64_t left = rows - first_row(block);
    return left < tile_rows ? static_cast<int>(left) : tile_rows;
  }
  OVERTAKE_HOST_DEVICE constexpr int columns_of(std::int64_t block) const {
    const std::int64_t left = width - first_column(block);
    return left < tile_columns ? static_cast<int>(left) : tile_columns;
  }
};
static_assert((FeatureTiles::kMostColumns | 1) << FeatureTiles::kLeastRowBits <= FeatureTiles::kElements,
              "the widest tile fits");

struct ApplySteps {
  static constexpr int kThreads = 256;
  static constexpr std::size_t kSharedBytes = FeatureTiles::kElements * sizeof(float);
  static constexpr int kInFlight = 4;  // loads of a thread

  DeviceColumns table;
  FeatureTiles tiles;
  Divisor columns;  // tiles.tile_columns
  ColumnSteps steps;
  const std::int32_t* seen;
  bool one_hot, ordinal;
  float* features;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char* shared) const {
    auto* tile = reinterpret_cast<float*>(shared);
    const std::int64_t first = tiles.first_column(block.index());
    if (one_hot && first + tiles.columns_of(block.index()) > table.numeric_columns) {
      fill_zeros(block, tile);
      block.sync();
      one_hot_of(block, tile);
    }
    numeric(block, tile);
    if (ordinal) places(block, tile);
    block.sync();
    if (tiles.whole_rows())
      write_whole_rows(block, tile);
    else
      write_parts_of_rows(block, tile);
  }

 private:
  template <class Block>
  OVERTAKE_DEVICE void fill_zeros(const Block& block, float* tile) const {
    constexpr int kWidth = kVectorWidth<float>;
    const int elements = tiles.tile_rows * tiles.stride;  // a multiple of 64
    for (int i = block.thread() * kWidth; i < elements; i += kThreads * kWidth)
      *reinterpret_cast<Vector<float>*>(tile + i) = Vector<float>{};
  }

  // A warp takes up to 128 rows of a column, neighbouring threads neighbouring rows, with all loads under way at once.
  template <class Block>
  OVERTAKE_DEVICE void numeric(const Block& block, float* tile) const {
    constexpr int kWarp = 32, kSlabBits = 7;
    static_assert(kWarp * kInFlight == 1 << kSlabBits, "a slab is what a warp has under way");
    const std::int64_t first = tiles.first_column(block.index()), row = tiles.first_row(block.index());
    const int rows = tiles.rows_of(block.index()), width = tiles.columns_of(block.index());
    const std::int64_t left = table.numeric_columns - first;
    const int in_tile = left < width ? static_cast<int>(left) : width;
    const int bits = tiles.row_bits > kSlabBits ? tiles.row_bits - kSlabBits : 0;  // of the number of a column's slabs
    for (int unit = block.thread() / kWarp; unit < in_tile << bits; unit += kThreads / kWarp) {
      const int j = unit >> bits, from = ((unit & ((1 << bits) - 1)) << kSlabBits) + block.thread() % kWarp;
      const float* column = table.column(first + j) + row;
      float values[kInFlight];
      OVERTAKE_UNROLL
      for (int i = 0; i < kInFlight; ++i) values[i] = from + i * kWarp < rows ? column[from + i * kWarp] : 0.0f;
      for (int s = 0; s < steps.counts[first + j]; ++s) {
        const ColumnStep step = steps.of(first + j)[s];
        OVERTAKE_UNROLL
        for (int i = 0; i < kInFlight; ++i) values[i] = step(values[i]);
      }
      OVERTAKE_UNROLL
      for (int i = 0; i < kInFlight; ++i)
        if (from + i * kWarp < rows) tile[(from + i * kWarp) * tiles.stride + j] = values[i];
    }
  }

  // The code of a categorical column's row where the fitted rows had it, otherwise -1.
  OVERTAKE_DEVICE std::int32_t known_code(std::int64_t column, std::int64_t row) const {
    const std::int32_t code = table.codes_of(column)[row];
    const bool valid = static_cast<std::uint32_t>(code) < static_cast<std::uint32_t>(table.levels(column));
    return valid && seen[table.first[column] + code] == 1 ? code : -1;
  }

  template <class Block>
  OVERTAKE_DEVICE void one_hot_of(const Block& block, float* tile) const {
    // Categories, counted from the first of all, that lie in the tile.
    const std::int64_t from = tiles.first_column(block.index()) - table.numeric_columns,
                       to = from + tiles.columns_of(block.index());
    const int rows = tiles.rows_of(block.index());
    for (std::int64_t unit = block.thread(); unit < table.categorical_columns * tiles.tile_rows; unit += kThreads) {
      const auto r = static_cast<int>(unit & (tiles.tile_rows - 1));
      const std::int64_t c = unit >> tiles.row_bits;
      if (r >= rows || table.first[c + 1] <= from || table.first[c] >= to) continue;
      const std::int32_t code = known_code(c, tiles.first_row(block.index()) + r);
      const std::int64_t category = table.first[c] + code;
      if (code >= 0 && category >= from && category < to)
        tile[r * tiles.stride + static_cast<int>(category - from)] = 1.0f;
    }
  }

  template <class Block>
  OVERTAKE_DEVICE void places(const Block& block, float* tile) const {
    const std::int64_t first = tiles.first_column(block.index());
    const int rows = tiles.rows_of(block.index()), width = tiles.columns_of(block.index());
    for (int unit = block.thread(); unit < width * tiles.tile_rows; unit += kThreads) {
      const int r = unit & (tiles.tile_rows - 1), j = unit >> tiles.row_bits;
      const std::int64_t column = first + j - table.numeric_columns;
      if (r >= rows || column < 0) continue;
      const std::int32_t code = known_code(column, tiles.first_row(block.index()) + r);
      tile[r * tiles.stride + j] = code >= 0 ? static_cast<float>(code) : kMissingValue;
    }
  }

  // One piece of memory, which begins on 16 bytes as tiles have a multiple of 64 rows.
  template <class Block>
  OVERTAKE_DEVICE void write_whole_rows(const Block& block, const float* tile) const {
    constexpr int kWidth = kVectorWidth<float>;
    const int width = tiles.tile_columns, elements = tiles.rows_of(block.index()) * width;
    float* to = features + tiles.first_row(block.index()) * width;
    for (int i = block.thread() * kWidth; i < elements; i += kThreads * kWidth) {
      auto r = static_cast<int>(columns.quotient(static_cast<std::uint32_t>(i)));
      int j = i - r * width;
      Vector<float> out{};
      OVERTAKE_UNROLL
      for (int k = 0; k < kWidth; ++k) {
        if (i + k < elements) out.v[k] = tile[r * tiles.stride + j];
        if (++j == width) j = 0, ++r;
      }
      if (i + kWidth <= elements) {
        *reinterpret_cast<Vector<float>*>(to + i) = out;
        continue;
      }
      OVERTAKE_UNROLL
      for (int k = 0; k < kWidth; ++k)
        if (i + k < elements) to[i + k] = out.v[k];
    }
  }

  template <class Block>
  OVERTAKE_DEVICE void write_parts_of_rows(const Block& block, const float* tile) const {
    const int width = tiles.columns_of(block.index()), rows = tiles.rows_of(block.index());
    float* to = features + tiles.first_row(block.index()) * tiles.width + tiles.first_column(block.index());
    for (int i = block.thread(); i < rows * tiles.tile_columns; i += kThreads) {
      const auto r = static_cast<int>(columns.quotient(static_cast<std::uint32_t>(i)));
      const int j = i - r * tiles.tile_columns;
      if (j < width) to[r * tiles.width + j] = tile[r * tiles.stride + j];
    }
  }
};

}  // namespace overtake
