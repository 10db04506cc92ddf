// SPDX-License-Identifier: Apache-2.0
#include "core/csv/reader.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace overtake {
namespace {

// The first of the bytes at which the scan of an unquoted or a quoted cell stops; `end` where there is none.
template <char... stops>
const char* scan(const char* at, const char* end) {
#ifdef __SSE2__
  // Sixteen bytes at a time, as every x86-64 can: most cells end within the first.
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i found = _mm_setzero_si128();
    ((found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(stops)))), ...);
    if (const int places = _mm_movemask_epi8(found); places != 0)
      return at + std::countr_zero(static_cast<unsigned>(places));
  }
#endif
  while (at != end && ((*at != stops) && ...)) ++at;
  return at;
}

const char* scan_plain(const char* at, const char* end) { return scan<',', '\n', '\r', '\0'>(at, end); }
const char* scan_quoted(const char* at, const char* end) { return scan<'"', '\n', '\0'>(at, end); }

}  // namespace

CsvReader::CsvReader(const std::filesystem::path& path, LastLine last_line)
    : name_(path.string()),
      last_line_(last_line),
      file_(std::in_place, path, File::Mode::read),
      buffer_(std::make_unique<char[]>(kChunk)) {
  skip_mark();
}

CsvReader::CsvReader(std::string_view text, std::string name, LastLine last_line)
    : name_(std::move(name)),
      last_line_(last_line),
      begin_(text.data()),
      at_(text.data()),
      end_(text.data() + text.size()) {
  skip_mark();
}

bool CsvReader::refill() {
  if (!file_) return false;
  chunk_offset_ += static_cast<std::size_t>(end_ - begin_);
  begin_ = at_ = buffer_.get();
  end_ = begin_ + file_->read(buffer_.get(), kChunk);
  return at_ != end_;
}

CsvPosition CsvReader::here() const {
  return {line_number_, chunk_offset_ + static_cast<std::size_t>(at_ - begin_) - line_offset_ + 1};
}

void CsvReader::start_line() {
  ++line_number_;
  line_offset_ = chunk_offset_ + static_cast<std::size_t>(at_ - begin_);
}

UsageError CsvReader::error_at(CsvPosition place, const std::string& message) const {
  return UsageError(name_ + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + message);
}

UsageError CsvReader::error(std::size_t cell, const std::string& message) const {
  return error_at(position(cell), message);
}

CsvPosition CsvReader::position(std::size_t cell) const {
  if (in_place_ == nullptr) return starts_.at(cell);
  // Nothing is quoted there, so that commas separate; asked for in error messages only.
  const char* at = in_place_;
  for (; cell > 0; --cell) at = std::find(at, end_, ',') + 1;
  return {record_.line, record_.column + static_cast<std::size_t>(at - in_place_)};
}

void CsvReader::skip_mark() {
  if (at_end()) return;
  const std::string_view head(at_, static_cast<std::size_t>(end_ - at_));
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF"))
    throw error_at(here(), "this is UTF-16: save the table as UTF-8");
  if (head.starts_with("\xEF\xBB\xBF")) {
    at_ += 3;
    line_offset_ = 3;
  }
}

bool CsvReader::skip_blank_lines() {
  while (!at_end() && (*at_ == '\n' || *at_ == '\r')) {
    const bool carriage_return = *at_ == '\r';
    ++at_;
    if (carriage_return)
      end_of_line();
    else
      start_line();
  }
  return !at_end();
}

bool CsvReader::next(std::vector<std::string_view>& cells) {
  if (dropped_line_ || !skip_blank_lines()) return false;
  if (!read_in_place(cells)) {
    const End end = read_record();
    terminated_ = end == End::line;
    if (!terminated_ && last_line_ == LastLine::drop_if_cut) {
      dropped_line_ = line();
      return false;
    }
    cells.clear();
    std::size_t begin = 0;
    for (const std::size_t cell_end : ends_) {
      cells.emplace_back(text_.data() + begin, cell_end - begin);
      begin = cell_end;
    }
  }
  if (!width_) width_ = cells.size();
  check_width(cells.size());
  return true;
}

bool CsvReader::next(std::vector<std::string>& cells) {
  std::vector<std::string_view> views;
  if (!next(views)) return false;
  cells.assign(views.begin(), views.end());
  return true;
}

// Most records lie whole in the chunk and quote nothing: their cells are views of it, and nothing is copied. False,
// with nothing taken, for any other.
bool CsvReader::read_in_place(std::vector<std::string_view>& cells) {
  cells.clear();
  record_ = here();
  const char* cell = at_;
  for (;;) {
    if (cell == end_ || *cell == '"') return false;
    const char* stop = scan_plain(cell, end_);
    if (stop == end_ || *stop == '\r' || *stop == '\0') return false;
    cells.emplace_back(cell, static_cast<std::size_t>(stop - cell));
    cell = stop + 1;
    if (*stop == '\n') break;
  }
  in_place_ = at_;
  at_ = cell;
  start_line();
  terminated_ = true;
  return true;
}

CsvReader::End CsvReader::read_record() {
  in_place_ = nullptr;
  text_.clear();
  ends_.clear();
  starts_.clear();
  End end = End::cell;
  while (end == End::cell) {
    const bool quoted = !at_end() && *at_ == '"';
    starts_.push_back(here());
    end = quoted ? read_quoted() : read_plain();
    ends_.push_back(text_.size());
  }
  return end;
}

CsvReader::End CsvReader::read_plain() {
  while (!at_end()) {
    const char* stop = scan_plain(at_, end_);
    text_.append(at_, stop);
    at_ = stop;
    if (at_ != end_) return after_cell();
  }
  return End::file;
}

CsvReader::End CsvReader::read_quoted() {
  ++at_;
  while (!at_end()) {
    const char* stop = scan_quoted(at_, end_);
    text_.append(at_, stop);
    at_ = stop;
    if (at_ == end_) continue;
    if (*at_ == '\0') return after_cell();
    const char c = *at_++;
    if (c == '\n') {
      text_ += c;
      start_line();
    } else if (at_end()) {
      return End::file;
    } else if (*at_ == '"') {
      text_ += *at_++;
    } else {
      return after_cell();
    }
  }
  if (last_line_ == LastLine::drop_if_cut) return End::file;
  throw error_at(starts_.back(), "this quote is never closed: close it, or double quotes that belong to a quoted cell");
}

CsvReader::End CsvReader::after_cell() {
  const CsvPosition place = here();
  switch (*at_++) {
    case ',':
      return End::cell;
    case '\n':
      start_line();
      return End::line;
    case '\r':
      return end_of_line();
    case '\0':
      throw error_at(place, "a NUL byte: this is no text file, or it is UTF-16: save the table as UTF-8");
    default:
      throw error_at(place, "text behind a closing quote: double quotes that belong to a quoted cell");
  }
}

CsvReader::End CsvReader::end_of_line() {
  const CsvPosition place = here();
  if (at_end()) return End::file;
  if (*at_ != '\n')
    throw error_at(place, "a carriage return without a line feed: save the table with LF or CRLF lines");
  ++at_;
  start_line();
  return End::line;
}

void CsvReader::check_width(std::size_t width) const {
  if (width == *width_) return;
  const std::size_t where = width > *width_ ? *width_ : 0;
  throw error(where, "this record has " + std::to_string(width) + " cells, but the first record has " +
                         std::to_string(*width_));
}

}  // namespace overtake
