// SPDX-License-Identifier: Apache-2.0
#include "cpu/preprocess/engine/apply.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/system/resources.h"

namespace overtake {
namespace {

// A block of the result, and the columns that it is made of, stay in the first-level cache.
constexpr std::int64_t kBlockFloats = 4096, kMostFloats = 4 * kBlockFloats;
constexpr std::int64_t kBehind = 16;  // what transform_piece writes behind a column
constexpr std::uintptr_t kLine = 64;
constexpr std::int64_t kCacheWhereUnknown = 8 << 20;

bool starts_a_line(const void* address) { return reinterpret_cast<std::uintptr_t>(address) % kLine == 0; }

}  // namespace

std::int64_t Apply::last_cache_bytes() {
  static const std::int64_t kBytes = [] {
    const auto caches = data_caches();
    return caches.empty() ? kCacheWhereUnknown : caches.back().bytes;
  }();
  return kBytes;
}

Apply::Apply(const Pipeline& pipeline, const TableView<float>& table, const Fitted& fitted, const View<float>& features,
             std::int64_t cache_bytes)
    : table_(table), features_(features), one_hot_(pipeline.one_hot), ordinal_(pipeline.ordinal) {
  for (std::int64_t j = 0; j < table.numeric.rows; ++j)
    operations_.push_back(operations_of(pipeline, fitted, j, pipeline.steps.size()));
  const std::int64_t width = std::max<std::int64_t>(features.cols, 1);
  block_rows_ = std::clamp(kBlockFloats / width / kRows * kRows, kRows, kPieceRows);
  in_blocks_ = features.stride == features.cols && block_rows_ * width <= kMostFloats;
  streams_ = in_blocks_ && features.size() * static_cast<std::int64_t>(sizeof(float)) > cache_bytes;
  known_.assign(fitted.seen.begin(), fitted.seen.end());
  std::size_t first = 0;
  for (const std::int32_t levels : table.levels) {
    const auto begin = fitted.seen.begin() + static_cast<std::ptrdiff_t>(first);
    all_known_.push_back(std::all_of(begin, begin + levels, [](std::int32_t seen) { return seen != 0; }));
    first += static_cast<std::size_t>(levels);
  }
}

void Apply::rows(std::int64_t first, std::int64_t last) const {
  if (!in_blocks_) return wide_rows(first, last);
  alignas(kLine) float scratch[kMostFloats];
  bool streamed = false;
  for (std::int64_t i = first; i < last; i += block_rows_) {
    const std::int64_t count = std::min(block_rows_, last - i), floats = count * features_.cols;
    float* into = features_.row(i);
    block(i, count, scratch);
    if (streams_ && starts_a_line(into) && count % kRows == 0) {
      stream(scratch, floats, into);
      streamed = true;
    } else if (floats > 0) {
      std::memcpy(into, scratch, static_cast<std::size_t>(floats) * sizeof(float));
    }
  }
  if (streamed) finish_streams();
}

// Codes of which those that are unknown are -1: the column's own where there are none.
const std::int32_t* Apply::known_codes(std::int64_t column, std::size_t first_level, std::int64_t first,
                                       std::int64_t count, std::int32_t* room) const {
  const std::int32_t* codes = table_.codes.row(column) + first;
  if (all_known_[static_cast<std::size_t>(column)]) return codes;
  const auto levels = static_cast<std::uint32_t>(table_.levels[static_cast<std::size_t>(column)]);
  for (std::int64_t i = 0; i < count; ++i) {
    const bool known =
        static_cast<std::uint32_t>(codes[i]) < levels && known_[first_level + static_cast<std::size_t>(codes[i])] != 0;
    room[i] = known ? codes[i] : -1;
  }
  return room;
}

void Apply::places(std::int64_t column, std::size_t first_level, std::int64_t first, std::int64_t count,
                   float* out) const {
  std::int32_t room[kPieceRows];
  const std::int32_t* codes = known_codes(column, first_level, first, count, room);
  const auto levels = static_cast<std::uint32_t>(table_.levels[static_cast<std::size_t>(column)]);
  for (std::int64_t i = 0; i < count; ++i)
    out[i] = static_cast<std::uint32_t>(codes[i]) < levels ? static_cast<float>(codes[i])
                                                           : std::numeric_limits<float>::quiet_NaN();
}

void Apply::block(std::int64_t first, std::int64_t count, float* out) const {
  const std::int64_t numeric = table_.numeric.rows, width = features_.cols;
  float columns[kColumns * (kPieceRows / kColumns + kBehind)];
  std::int32_t room[kPieceRows];
  std::size_t level = 0;
  std::int64_t place = numeric;
  for (std::int64_t j = 0; one_hot_ && j < table_.codes.rows; ++j) {
    const std::int32_t levels = table_.levels[static_cast<std::size_t>(j)];
    one_hot_rows(known_codes(j, level, first, count, room), count, levels, out + place, width);
    level += static_cast<std::size_t>(levels);
    place += levels;
  }
  // Rows by rows of columns that fit the room.
  const std::int64_t stride = count + kBehind, most = kColumns * (kPieceRows / kColumns + kBehind) / stride;
  const std::int64_t total = numeric + (ordinal_ ? table_.codes.rows : 0);
  level = 0;
  for (std::int64_t from = 0; from < total; from += most) {
    const std::int64_t to = std::min(from + most, total);
    for (std::int64_t j = from; j < to; ++j) {
      float* column = columns + (j - from) * stride;
      if (j < numeric) {
        transform_piece(table_.numeric.row(j) + first, count, operations_[static_cast<std::size_t>(j)], column);
      } else {
        places(j - numeric, level, first, count, column);
        level += static_cast<std::size_t>(table_.levels[static_cast<std::size_t>(j - numeric)]);
      }
    }
    to_rows(columns, stride, to - from, count, out + from, width);
  }
}

// Rows that are too wide for a scratch: every value to its place.
void Apply::wide_rows(std::int64_t first, std::int64_t last) const {
  const std::int64_t numeric = table_.numeric.rows, width = features_.cols;
  float column[kPieceRows + kBehind];
  std::int32_t room[kPieceRows];
  for (std::int64_t i = first; i < last; i += block_rows_) {
    const std::int64_t count = std::min(block_rows_, last - i);
    for (std::int64_t r = 0; r < count; ++r) std::fill_n(features_.row(i + r) + numeric, width - numeric, 0.0f);
    for (std::int64_t j = 0; j < numeric; ++j) {
      transform_piece(table_.numeric.row(j) + i, count, operations_[static_cast<std::size_t>(j)], column);
      for (std::int64_t r = 0; r < count; ++r) features_(i + r, j) = column[r];
    }
    std::size_t level = 0;
    for (std::int64_t j = 0; j < table_.codes.rows; ++j) {
      const std::int32_t levels = table_.levels[static_cast<std::size_t>(j)];
      if (ordinal_) {
        places(j, level, i, count, column);
        for (std::int64_t r = 0; r < count; ++r) features_(i + r, numeric + j) = column[r];
      }
      const std::int32_t* codes = known_codes(j, level, i, count, room);
      for (std::int64_t r = 0; one_hot_ && r < count; ++r)
        if (static_cast<std::uint32_t>(codes[r]) < static_cast<std::uint32_t>(levels))
          features_(i + r, numeric + static_cast<std::int64_t>(level) + codes[r]) = 1.0f;
      level += static_cast<std::size_t>(levels);
    }
  }
}

}  // namespace overtake
