// SPDX-License-Identifier: Apache-2.0
// How rows are cut into chunks that are copied to the device, computed on and copied back at the same time. Used where
// transfers overlap with kernels.
#pragma once

#include <cstdint>

#include "gpu/cuda/host_device.cuh"

namespace overtake::cuda {

struct RowRange {
  std::int64_t first, count;
};

/// Every row is in one chunk; all chunks but the last have equally many.
class ChunkPlan {
 public:
  /// The first copy in and the last copy out overlap with nothing: more chunks make them shorter.
  static constexpr std::int64_t kMostChunks = 16;
  /// About 0.1 ms on a PCIe 4 link of 16 lanes (32 GB/s), ten times what starting a copy and a kernel takes.
  static constexpr std::int64_t kLeastBytes = std::int64_t{4} << 20;

  /// row_bytes: what is copied for a row, in and out. Chunks begin at multiples of `multiple` rows: a tile that is cut
  /// costs as much as a whole one.
  OVERTAKE_HOST_DEVICE constexpr ChunkPlan(std::int64_t rows, std::int64_t row_bytes, std::int64_t multiple)
      : rows_(rows), at_once_(rows_at_once(rows, row_bytes, multiple)) {}

  OVERTAKE_HOST_DEVICE constexpr std::int64_t chunks() const { return (rows_ + at_once_ - 1) / at_once_; }
  OVERTAKE_HOST_DEVICE constexpr RowRange chunk(std::int64_t i) const {
    const std::int64_t first = i * at_once_;
    return {first, rows_ - first < at_once_ ? rows_ - first : at_once_};
  }

 private:
  OVERTAKE_HOST_DEVICE static constexpr std::int64_t rows_at_once(std::int64_t rows, std::int64_t row_bytes,
                                                                  std::int64_t multiple) {
    std::int64_t wanted = (rows + kMostChunks - 1) / kMostChunks;
    if (row_bytes > 0 && wanted < kLeastBytes / row_bytes) wanted = kLeastBytes / row_bytes;
    // Rows without bytes, or fewer than are worth cutting: all at once.
    if (row_bytes == 0 || wanted > rows) wanted = rows;
    const std::int64_t whole = (wanted + multiple - 1) / multiple * multiple;
    return whole > 0 ? whole : multiple;
  }

  std::int64_t rows_, at_once_;
};

}  // namespace overtake::cuda
