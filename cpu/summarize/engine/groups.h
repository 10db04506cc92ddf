// SPDX-License-Identifier: Apache-2.0
// Sums of every numeric column in every category, read in pieces. For cpu/summarize/engine.
#pragma once

#include <cstdint>
#include <vector>

#include "core/workload/table_input.h"
#include "cpu/summarize/engine/kernels.h"
#include "cpu/summarize/engine/summarizer.h"

namespace overtake {

/// Categories that a column may have for each worker to keep a table of its own; of more, one worker reads all rows.
constexpr std::int32_t kFewCategories = 1024;

class GroupTables {
 public:
  /// For the categorical columns of these numbers.
  GroupTables(const TableView<float>& table, const std::vector<std::size_t>& categorical);

  void add_rows(std::int64_t first, std::int64_t last);

  /// Of each categorical column of the table; empty for others.
  std::vector<Groups> take() const;

 private:
  static constexpr std::int64_t kRows = 512;  // that are turned into rows at once: 16 KiB

  void add_piece(std::int64_t first, std::int64_t count);

  // Neighbouring rows go to different tables, so that a category's sum need not wait for itself; rows without a
  // category have a place behind the others.
  struct OfColumn {
    std::size_t column;
    std::int32_t levels, tables;
    std::vector<std::int64_t> rows;    // of each place
    std::vector<GroupSums> sums;       // of each block of numeric columns, of each place
    std::vector<std::int32_t> places;  // of the rows at work
    std::size_t size() const { return static_cast<std::size_t>(tables) * static_cast<std::size_t>(levels + 1); }
  };

  TableView<float> table_;
  std::size_t blocks_;
  std::vector<OfColumn> columns_;
  std::vector<float> values_;  // of the rows at work, kGroup a row
};

}  // namespace overtake
