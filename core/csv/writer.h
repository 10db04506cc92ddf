// SPDX-License-Identifier: Apache-2.0
// Builds CSV text as RFC 4180 has it (lines end with LF), quoting only cells that need it. For results and exports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace overtake {

/// What CsvReader reads back cell for cell. A cell may hold any bytes but NUL.
class CsvWriter {
 public:
  /// Appends a cell to the current record. Throws std::runtime_error on a NUL byte.
  void cell(std::string_view text);
  void number(double value);  // as format_double writes it
  void integer(std::int64_t value);
  /// Ends the record, which has at least one cell.
  void end_record();
  /// A whole record.
  void record(std::span<const std::string> cells);
  void record(std::span<const std::string_view> cells);

  /// All records since the start or the last clear().
  const std::string& text() const { return text_; }
  void clear();

 private:
  std::string text_;
  std::size_t record_start_ = 0;
  std::size_t cells_ = 0;  // of the current record
};

}  // namespace overtake
