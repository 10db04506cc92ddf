// SPDX-License-Identifier: Apache-2.0
// The inner loops of reading CSV, vectorised for each instruction set that this CPU may have: where cells end, and what
// numbers a column of cells holds. For cpu/read_csv/engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace overtake {

/// What the scan of a piece of text found.
struct Scanned {
  std::size_t ends = 0;      // cells that end in it
  std::size_t lines = 0;     // of these, the last of their lines
  bool blank_lines = false;  // whether there may be lines without a cell
  bool quoted = false;       // whether its end lies within a quoted cell
  bool irregular = false;    // it has what this scan does not decide; everything else is without meaning then
};

/// Writes the place, relative to `begin`, of every comma and line feed of text[begin, end) that is not within quotes;
/// `ends` has room for end - begin + 64. `quoted`: whether `begin` lies within a quoted cell; it may not lie right
/// behind a quote, nor between CR and LF. Irregular are quotes that neither open nor close a cell nor are doubled
/// within one, carriage returns without a line feed, and NUL bytes.
///
/// A quote toggles, so that what is within quotes is the prefix sum of the quotes modulo 2 (Langdale and Lemire,
/// "Parsing gigabytes of JSON per second", 2019); that toggling is right is checked by what stands beside each quote.
Scanned scan_cells(std::string_view text, std::size_t begin, std::size_t end, bool quoted, std::uint32_t* ends);

/// The same byte by byte, as core/csv/reader.h has it: a quote inside an unquoted cell stands for itself. What is
/// irregular here is no CSV.
Scanned scan_cells_exactly(std::string_view text, std::size_t begin, std::size_t end, bool quoted, std::uint32_t* ends);

/// Cells of some rows of a table: cell i is text[base + ends[i - 1] + 1, base + ends[i]), where ends[-1] exists too.
struct Cells {
  std::string_view text;
  std::size_t base = 0;
  const std::uint32_t* ends = nullptr;
  std::size_t columns = 0;   // cells of a row
  bool blank_lines = false;  // a row's first cell may have the line ends of blank lines in front

  /// Cell `column` of `row`, with its quotes.
  std::string_view cell(std::size_t row, std::size_t column) const {
    const std::size_t i = row * columns + column;
    const char* first = text.data() + base + static_cast<std::uint32_t>(ends[static_cast<std::ptrdiff_t>(i) - 1] + 1);
    const char* last = text.data() + base + ends[i];
    if (column == 0 && blank_lines)
      while (first < last && (*first == '\n' || (*first == '\r' && first + 1 < last && first[1] == '\n'))) ++first;
    if (column + 1 == columns && last > first && last[-1] == '\r') --last;
    return {first, static_cast<std::size_t>(last - first)};
  }
};

/// Numbers of rows [first, last) of a column into out[first, last), an empty cell giving NaN, each correctly rounded.
/// Stops before the first cell that needs more than this loop knows (blanks, quotes, exponents, words, more than 16
/// characters or 2^53), and returns its row; `last` where there is none.
///
/// Digits w with e of them behind the point are w / 10^e, exactly rounded by one division where w <= 2^53 and
/// e <= 22 (Clinger, "How to read floating point numbers accurately", 1990).
std::size_t parse_numbers(const Cells& cells, std::size_t column, std::size_t first, std::size_t last, float* out);
std::size_t parse_numbers(const Cells& cells, std::size_t column, std::size_t first, std::size_t last, double* out);

/// Name of the instruction set in use, for metrics.
const char* read_csv_target();

}  // namespace overtake
