// SPDX-License-Identifier: Apache-2.0
// Tables as the inputs of workloads, generated or the user's own. For the workloads preprocess and summarize.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "core/key_values.h"
#include "core/memory/arena.h"
#include "core/memory/view.h"
#include "core/workload/table.h"
#include "core/workload/workload.h"

namespace overtake {

/// A table in memory, column by column. Its columns lie in the order numeric, categorical.
template <class T>
struct TableView {
  View<T> numeric;           // row j of the view is column j of the table; NaN: missing
  View<std::int32_t> codes;  // row j: codes of categorical column j; outside [0, levels[j]): missing or unknown
  std::span<const std::int32_t> levels;  // categories of each categorical column
  std::int64_t rows() const { return numeric.cols; }
};

struct TableShape {
  static constexpr std::string_view kSizeHelp = "ROWS, ROWSxCOLUMNS or ROWSxNUMERIC+CATEGORICAL";

  /// `categorical` of the `cols` columns are categorical, and have `levels` categories in all. Where a shape lacks
  /// the two: a fourth of the columns (rounded down), with 16 categories each.
  std::int64_t rows = 0, cols = 0, categorical = 0, levels = 0;

  /// Throws UsageError that begins with the workload's name.
  static TableShape from(std::string_view workload, const KeyValues& shape);
  /// Of a `--size` as in kSizeHelp; throws UsageError that begins with it.
  static KeyValues parse_size(std::string_view workload, std::string_view size);
  static TableShape of(const Table&);
  KeyValues shape() const;
  /// Fewer rows of the same columns.
  TableShape with_fewer_rows(std::int64_t divisor) const;
  std::int64_t numeric() const { return cols - categorical; }
};

/// Allocates and fills a table, all of it in the arena, so that a process that attaches to it needs no file. `data` is
/// the problem's name of the user's own table, empty where it is generated; `accept` may throw for a table that was
/// read from a file, before it is copied. Throws UsageError where the file's table is not of this shape.
///
/// Generated: 5 % of the values missing, numeric columns of differing scale and none below 0, categories of falling
/// frequency. From a file: its table (core/workload/table.h), or as many of its first rows as the shape has; the second
/// input has the rows in reverse order, numbers x as x / 2 + 1 and the categories in reverse order. From a table that
/// was read already, as `overtake do` has it: the first input only.
template <class T>
TableView<T> make_table(std::string_view workload, const TableShape&, const std::string& data, Arena&,
                        const InputSource&, const std::function<void(const Table&)>& accept = {});

}  // namespace overtake
