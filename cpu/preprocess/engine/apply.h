// SPDX-License-Identifier: Apache-2.0
// Applying a fitted pipeline to blocks of rows: each column is read once, and whole rows are written in their order.
// For the variants serial, openmp and processes.
#pragma once

#include <cstdint>
#include <vector>

#include "core/workload/preprocess.h"
#include "cpu/preprocess/engine/kernels.h"
#include "cpu/table/shares.h"

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

  static constexpr std::int64_t kRows = kShareRows;

 private:
  static constexpr std::int64_t kColumns = 8;  // that are made into rows at once, where a block is of full length

  void block(std::int64_t first, std::int64_t count, float* out) const;
  void wide_rows(std::int64_t first, std::int64_t last) const;
  void places(std::int64_t column, std::size_t first_level, std::int64_t first, std::int64_t count, float* out) const;
  const std::int32_t* known_codes(std::int64_t column, std::size_t first_level, std::int64_t first, std::int64_t count,
                                  std::int32_t* room) const;

  TableView<float> table_;
  View<float> features_;
  bool one_hot_, ordinal_;
  bool in_blocks_ = false, streams_ = false;
  std::vector<std::vector<Operation>> operations_;  // of each numeric column
  std::vector<std::int32_t> known_;                 // of each category: whether the fitted rows had it
  std::vector<bool> all_known_;                     // of each categorical column
  std::int64_t block_rows_;
};

}  // namespace overtake
