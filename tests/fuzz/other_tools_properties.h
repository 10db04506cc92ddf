// SPDX-License-Identifier: Apache-2.0
// What must hold of every input to the readers of other tools' files, whatever its bytes: run by the fuzzers on inputs
// that they invent, and by compare/corpus_test.cpp on the ones that they found before.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "compare/other_tools/other_tools.h"
#include "core/csv/reader.h"
#include "core/csv/writer.h"

namespace overtake::compare {

/// Throws std::logic_error unless the bytes are refused with UsageError, or each row can be written and read back, and
/// none with a time claims that somebody checked it.
inline void check_other_tool(Imported (*parse)(std::string_view, const std::string&), std::string_view bytes) {
  Imported file;
  try {
    file = parse(bytes, "input");
  } catch (const UsageError&) {
    return;
  }
  for (const Row& row : file.rows) {
    const auto fields = to_fields(row);
    CsvWriter csv;
    csv.record(fields);
    std::vector<std::string> back;
    CsvReader(csv.text(), "written").next(back);
    if (back != fields || to_fields(row_from_fields(back)) != fields)
      throw std::logic_error("a row changed when written and read back");
    if (row.status == RowStatus::ok && row.check_method != "unchecked")
      throw std::logic_error("an imported time says that it was checked");
    if (Cell::parse(row.cell().name()) != row.cell()) throw std::logic_error("a cell's name is not that of the cell");
  }
}

}  // namespace overtake::compare
