// SPDX-License-Identifier: Apache-2.0
#include "core/csv/writer.h"

#include <stdexcept>

#include "core/csv/number.h"

namespace overtake {
namespace {

bool needs_quotes(std::string_view cell) {
  // At the start of a file a reader would take these for a byte order mark.
  for (const std::string_view mark : {"\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF"})
    if (cell.starts_with(mark)) return true;
  return cell.find_first_of(",\"\n\r") != std::string_view::npos;
}

}  // namespace

void CsvWriter::cell(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) throw std::runtime_error("a CSV cell cannot hold a NUL byte");
  if (cells_++ > 0) text_ += ',';
  if (!needs_quotes(text)) {
    text_ += text;
    return;
  }
  text_ += '"';
  for (const char c : text) {
    if (c == '"') text_ += '"';
    text_ += c;
  }
  text_ += '"';
}

void CsvWriter::number(double value) { cell(format_double(value)); }

void CsvWriter::integer(std::int64_t value) { cell(std::to_string(value)); }

void CsvWriter::end_record() {
  if (text_.size() == record_start_) text_ += "\"\"";  // a lone empty cell; as a blank line it would be skipped
  text_ += '\n';
  record_start_ = text_.size();
  cells_ = 0;
}

void CsvWriter::record(std::span<const std::string> cells) {
  for (const std::string& text : cells) cell(text);
  end_record();
}

void CsvWriter::record(std::span<const std::string_view> cells) {
  for (const std::string_view text : cells) cell(text);
  end_record();
}

void CsvWriter::clear() {
  text_.clear();
  record_start_ = 0;
  cells_ = 0;
}

}  // namespace overtake
