// SPDX-License-Identifier: Apache-2.0
// How rows are shared out to workers, for the variants openmp and processes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace overtake {

/// A share starts at a multiple of this many rows: at the start of a cache line in every column of 4-byte elements.
constexpr std::int64_t kShareRows = 16;

/// Rows [first, last).
struct RowShare {
  std::int64_t first, last;
};

/// At most one share a worker, none empty, of equal size but for whole blocks of kShareRows rows.
inline std::vector<RowShare> shares_of(std::int64_t rows, int workers) {
  const std::int64_t blocks = (rows + kShareRows - 1) / kShareRows;
  const std::int64_t count = std::min<std::int64_t>(blocks, workers);
  std::vector<RowShare> shares;
  for (std::int64_t i = 0; i < count; ++i)
    shares.push_back({blocks * i / count * kShareRows, std::min(blocks * (i + 1) / count * kShareRows, rows)});
  return shares;
}

}  // namespace overtake
