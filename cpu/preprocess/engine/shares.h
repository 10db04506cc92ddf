// SPDX-License-Identifier: Apache-2.0
// How rows are shared out to workers, for the variants openmp and processes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cpu/preprocess/engine/apply.h"

namespace overtake {

/// Rows [first, last).
struct RowShare {
  std::int64_t first, last;
};

/// At most one share a worker, none empty, of equal size but for whole blocks of Apply::kRows rows.
inline std::vector<RowShare> shares_of(std::int64_t rows, int workers) {
  const std::int64_t blocks = (rows + Apply::kRows - 1) / Apply::kRows;
  const std::int64_t count = std::min<std::int64_t>(blocks, workers);
  std::vector<RowShare> shares;
  for (std::int64_t i = 0; i < count; ++i)
    shares.push_back({blocks * i / count * Apply::kRows, std::min(blocks * (i + 1) / count * Apply::kRows, rows)});
  return shares;
}

}  // namespace overtake
