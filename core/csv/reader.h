// SPDX-License-Identifier: Apache-2.0
// Reads CSV as RFC 4180 has it, record by record, with the place of every cell for error messages. For results and for
// users' own tables.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/file.h"

namespace overtake {

/// Where something stands in a file: both from 1, the column in bytes.
struct CsvPosition {
  std::size_t line = 1, column = 1;
};

enum class LastLine {
  as_it_is,     // a last line without a newline is a record like any other
  drop_if_cut,  // it was cut off while being written: not returned, but told by dropped_line()
};

/// Takes LF and CRLF, also mixed, skips a UTF-8 byte order mark and blank lines, and takes a quote inside an unquoted
/// cell for itself. Cells may hold any bytes but NUL. Throws UsageError "file:line:column: what is wrong" on an
/// unclosed quote, text behind a closing quote, a lone carriage return, a NUL byte, UTF-16, or a record whose number of
/// cells differs from the first record's; after that the reader is of no more use.
class CsvReader {
 public:
  static constexpr std::size_t kChunk = std::size_t{1} << 18;  // bytes read from a file at a time

  explicit CsvReader(const std::filesystem::path& path, LastLine last_line = LastLine::as_it_is);
  /// Reads `text`, which must outlive the reader; `name` stands for the file's in messages.
  CsvReader(std::string_view text, std::string name, LastLine last_line = LastLine::as_it_is);

  /// The next record; false at the end. Views hold until the next call.
  bool next(std::vector<std::string_view>& cells);
  bool next(std::vector<std::string>& cells);

  /// Line on which the last record starts.
  std::size_t line() const { return record_.line; }
  /// Start of a cell of the last record (of its quote, where it has one).
  CsvPosition position(std::size_t cell) const;
  /// UsageError "file:line:column: message" about a cell of the last record, to be thrown by the caller.
  [[nodiscard]] UsageError error(std::size_t cell, const std::string& message) const;
  /// Bytes read so far: where the next record starts, blank lines aside.
  std::size_t offset() const { return chunk_offset_ + static_cast<std::size_t>(at_ - begin_); }
  /// Whether the last record ended with a newline.
  bool terminated() const { return terminated_; }
  /// After next() returned false: the line on which a last record starts that was dropped because it was cut off.
  std::optional<std::size_t> dropped_line() const { return dropped_line_; }

 private:
  enum class End { cell, line, file };

  bool refill();
  bool at_end() { return at_ == end_ && !refill(); }
  CsvPosition here() const;
  void skip_mark();
  bool skip_blank_lines();
  bool read_in_place(std::vector<std::string_view>& cells);
  End read_record();
  End read_plain();
  End read_quoted();
  End end_of_line();  // behind a carriage return
  End after_cell();
  void start_line();
  void check_width(std::size_t width) const;
  [[nodiscard]] UsageError error_at(CsvPosition place, const std::string& message) const;

  std::string name_;
  LastLine last_line_;
  std::optional<File> file_;
  std::unique_ptr<char[]> buffer_;
  const char* begin_ = nullptr;       // of the chunk that is being read
  const char* at_ = nullptr;          // next byte
  const char* end_ = nullptr;         // of the chunk
  std::size_t chunk_offset_ = 0;      // of begin_ in the file
  std::size_t line_offset_ = 0;       // of the current line in the file
  std::size_t line_number_ = 1;       // of the current line
  std::optional<std::size_t> width_;  // of the first record, in cells
  bool terminated_ = true;
  std::optional<std::size_t> dropped_line_;
  CsvPosition record_;               // where the last record starts
  const char* in_place_ = nullptr;   // its first byte, where it was read in place
  std::string text_;                 // otherwise: its cells without quotes, one after the other
  std::vector<std::size_t> ends_;    // of its cells in text_
  std::vector<CsvPosition> starts_;  // of its cells in the file
};

}  // namespace overtake
