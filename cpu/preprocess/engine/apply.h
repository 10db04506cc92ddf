// SPDX-License-Identifier: Apache-2.0
// Applying a fitted pipeline to blocks of rows: each column is read once, and whole rows are written in their order.
// For the variants serial, openmp and processes.
#pragma once

#include <cstdint>
#include <vector>

#include "core/workload/preprocess.h"
#include "cpu/preprocess/engine/kernels.h"

namespace overtake {

class Apply {
 public:
  /// Reads the parameters that `fitted` holds now. `features` has a row for each of the table's; where it is larger
  /// than `cache_bytes` it is written past the caches.
  Apply(const Pipeline& pipeline, const TableView<float>& table, const Fitted& fitted, const View<float>& features,
        std::int64_t cache_bytes = last_cache_bytes());

  /// Size of the last-level cache.
  static std::int64_t last_cache_bytes();

  /// Writes rows [first, last). Calls for different rows may run at once. `first` should be a multiple of kRows: blocks
  /// that do not start at a multiple of 64 bytes are not written past the caches.
  void rows(std::int64_t first, std::int64_t last) const;

  static constexpr std::int64_t kRows = 16;

 private:
  void block(std::int64_t first, std::int64_t count, float* into, std::int64_t stride) const;

  TableView<float> table_;
  Fitted fitted_;
  View<float> features_;
  bool one_hot_;
  std::vector<std::vector<Operation>> operations_;  // of each numeric column
  std::int64_t block_rows_;
  bool streams_;
};

}  // namespace overtake
