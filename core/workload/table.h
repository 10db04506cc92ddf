// SPDX-License-Identifier: Apache-2.0
// A user's own table, read from CSV for the workload preprocess: which columns are numeric, which categorical.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace overtake {

struct Column {
  std::string name;
  bool categorical = false;
  std::vector<float> values;            // numeric: NaN is missing
  std::vector<std::int32_t> codes;      // categorical: index into categories, -1 is missing
  std::vector<std::string> categories;  // those that occur, sorted by their bytes
};

struct Table {
  std::int64_t rows = 0;
  std::vector<Column> columns;
  std::vector<std::string> notes;  // sentences about how columns were taken, for people
};

/// Missing cells: empty, NA, N/A, NaN, null, None, in any case and with blanks around.
bool is_missing(std::string_view cell);

/// Reads CSV with a header line. A column is numeric where every cell that is not missing is a number that float32
/// holds (blanks around it allowed), and categorical otherwise: a note says so and names the first cell that is none.
/// A column without any value counts as numeric, with a note. The file is read twice, so that its text needs no memory.
/// Throws UsageError naming file, line and column where it is missing, empty, without rows, or no CSV.
Table read_table(const std::filesystem::path& path);

}  // namespace overtake
