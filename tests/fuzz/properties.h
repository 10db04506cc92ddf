// SPDX-License-Identifier: Apache-2.0
// What must hold of every input, whatever its bytes: run by the fuzzers on inputs that they invent, and by
// csv/corpus_test.cpp on the ones that they found before.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/csv/reader.h"
#include "core/csv/writer.h"
#include "core/results/reader.h"

namespace overtake {

using Table = std::vector<std::vector<std::string>>;

inline Table read_table(std::string_view text, LastLine last_line = LastLine::as_it_is) {
  CsvReader csv(text, "input", last_line);
  Table table;
  for (std::vector<std::string> cells; csv.next(cells);) table.push_back(cells);
  return table;
}

inline std::string written(const Table& table) {
  CsvWriter csv;
  for (const auto& cells : table) csv.record(cells);
  return csv.text();
}

/// Throws std::logic_error unless the bytes are refused with UsageError, or the table that they hold reads back from
/// what CsvWriter makes of it, and dropping a last line that was cut off loses one record at most.
inline void check_csv(std::string_view bytes) {
  Table table;
  try {
    table = read_table(bytes);
  } catch (const UsageError&) {
    return;
  }
  if (read_table(written(table)) != table) throw std::logic_error("the table changed when written and read back");
  Table whole = read_table(bytes, LastLine::drop_if_cut);
  const bool last_was_dropped = whole.size() + 1 == table.size();
  if (last_was_dropped) whole.push_back(table.back());
  if (whole != table) throw std::logic_error("dropping a last line that was cut off changed more than that line");
}

/// Throws std::logic_error unless the bytes are refused with UsageError or each row reads back from its text form.
inline void check_results(std::string_view bytes) {
  Results results;
  try {
    results = parse_results(bytes, "input");
  } catch (const UsageError&) {
    return;
  }
  for (const Row& row : results.rows) {
    const auto fields = to_fields(row);
    if (to_fields(row_from_fields(fields)) != fields) throw std::logic_error("a row changed when read back");
    static_cast<void>(row.cell().name());
  }
}

}  // namespace overtake
