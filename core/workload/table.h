// SPDX-License-Identifier: Apache-2.0
// A user's own table, read from CSV: which columns are numeric, which categorical. The reader here is the plain one,
// which the workload read_csv measures faster ones against; they build the same table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/memory/large_array.h"

namespace overtake {

template <class T>
struct TableColumn {
  std::string name;
  bool categorical = false;
  LargeArray<T> values;                 // numeric: NaN is missing
  LargeArray<std::int32_t> codes;       // categorical: index into categories, -1 is missing
  std::vector<std::string> categories;  // those that occur, sorted by their bytes
};

template <class T>
struct BasicTable {
  std::int64_t rows = 0;
  std::vector<TableColumn<T>> columns;
  std::vector<std::string> notes;  // sentences about how columns were taken, for people
};

using Column = TableColumn<float>;
using Table = BasicTable<float>;

/// Missing cells: empty, NA, N/A, NaN, null, None, in any case and with blanks around.
bool is_missing(std::string_view cell);

/// The number that a cell holds, NaN where it is missing; blanks around it are allowed. False where it is neither, or
/// not one that T holds.
template <class T>
bool value_of_cell(std::string_view cell, T& value);

/// Reads CSV with a header line. A column is numeric where every cell that is not missing is a number that T (float or
/// double) holds, correctly rounded, and categorical otherwise: a note says so and names the first cell that is none.
/// A column without any value counts as numeric, with a note. The file is read twice, so that its text needs no memory.
/// Throws UsageError naming file, line and column where it is missing, empty, without rows, or no CSV.
template <class T>
BasicTable<T> read_table_as(const std::filesystem::path& path);
/// The same of text; `name` stands for the file's in messages.
template <class T>
BasicTable<T> read_table_as(std::string_view text, const std::string& name);

inline Table read_table(const std::filesystem::path& path) { return read_table_as<float>(path); }

/// What a reader finds out about a column before it knows its values.
struct ColumnKind {
  bool any_value = false;
  std::size_t line = 0;  // of the first cell that is not a number; 0: there is none
  std::string cell;      // that cell
};

/// The notes of a table whose columns are complete.
template <class T>
std::vector<std::string> notes_of(const std::string& name, const BasicTable<T>& table,
                                  const std::vector<ColumnKind>& kinds);

}  // namespace overtake
