// SPDX-License-Identifier: Apache-2.0
#include "cpu/preprocess/engine/apply.h"

#include <algorithm>

#include "core/system/resources.h"

namespace overtake {
namespace {

// A block of the result, and the piece of a column, stay in the first-level cache.
constexpr std::int64_t kBlockFloats = 4096;
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
    : table_(table), fitted_(fitted), features_(features), one_hot_(pipeline.one_hot) {
  for (std::int64_t j = 0; j < table.numeric.rows; ++j)
    operations_.push_back(operations_of(pipeline, fitted, j, pipeline.steps.size()));
  const std::int64_t width = std::max<std::int64_t>(features.cols, 1);
  block_rows_ = std::clamp(kBlockFloats / width / kRows * kRows, kRows, kPieceRows);
  // A wide row would take a scratch beyond the caches.
  streams_ = features.stride == features.cols && block_rows_ * width <= 4 * kBlockFloats &&
             features.size() * static_cast<std::int64_t>(sizeof(float)) > cache_bytes;
}

void Apply::rows(std::int64_t first, std::int64_t last) const {
  alignas(kLine) float scratch[4 * kBlockFloats];
  bool streamed = false;
  for (std::int64_t i = first; i < last; i += block_rows_) {
    const std::int64_t count = std::min(block_rows_, last - i);
    float* into = features_.row(i);
    const std::int64_t floats = count * features_.cols;
    if (streams_ && starts_a_line(into) && count % kRows == 0) {
      block(i, count, scratch, features_.cols);
      stream(scratch, floats, into);
      streamed = true;
    } else {
      block(i, count, into, features_.stride);
    }
  }
  if (streamed) finish_streams();
}

void Apply::block(std::int64_t first, std::int64_t count, float* into, std::int64_t stride) const {
  const std::int64_t numeric = table_.numeric.rows, width = features_.cols;
  if (one_hot_)
    for (std::int64_t i = 0; i < count; ++i) std::fill_n(into + i * stride + numeric, width - numeric, 0.0f);
  for (std::int64_t j = 0; j < numeric; ++j)
    apply_piece(table_.numeric.row(j) + first, count, operations_[static_cast<std::size_t>(j)], into + j, stride);
  if (!one_hot_) return;
  const std::int32_t* seen = fitted_.seen.data();
  float* feature = into + numeric;
  for (std::int64_t j = 0; j < table_.codes.rows; ++j) {
    const std::int32_t levels = table_.levels[static_cast<std::size_t>(j)];
    const std::int32_t* codes = table_.codes.row(j) + first;
    for (std::int64_t i = 0; i < count; ++i)
      if (static_cast<std::uint32_t>(codes[i]) < static_cast<std::uint32_t>(levels) && seen[codes[i]] != 0)
        feature[i * stride + codes[i]] = 1.0f;
    feature += levels;
    seen += levels;
  }
}

}  // namespace overtake
