// SPDX-License-Identifier: Apache-2.0
#include "cpu/read_csv/engine/blocks.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <thread>

namespace overtake {
namespace {

constexpr std::uint64_t kKnown = 1, kQuoted = 2;
constexpr int kRowsShift = 2;
constexpr std::size_t kPieceBytes = std::size_t{1} << 10;
constexpr std::size_t kSlack = 65;  // one in front, and what the scan writes beyond

// The system maps the pages of a block at once instead of a few at each touch.
void expect_pages(std::string_view text, std::size_t begin, std::size_t end) {
#ifdef MADV_POPULATE_READ
  static const auto kPage = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<std::uintptr_t>(text.data() + begin) / kPage * kPage;
  const auto last = reinterpret_cast<std::uintptr_t>(text.data() + end);
  // It serves mappings only; for other memory a refusal changes nothing.
  if (last - first >= 4 * kPage) madvise(reinterpret_cast<void*>(first), last - first, MADV_POPULATE_READ);
#else
  static_cast<void>(text), static_cast<void>(begin), static_cast<void>(end);
#endif
}

// Where a piece of about `bytes` may end: neither behind a quote, which may be half of two, nor between CR and LF.
std::size_t end_of_piece(std::string_view text, std::size_t begin, std::size_t bytes) {
  std::size_t at = std::min(text.size(), begin + bytes);
  while (at < text.size() && (text[at - 1] == '"' || (text[at - 1] == '\r' && text[at] == '\n'))) ++at;
  return at;
}

}  // namespace

// The cells that end in a block or, once complete, in its rows.
struct Blocks::Found {
  std::size_t skipped = 0, ends = 0;  // ends in the room, of which the first belong to the block before
  std::size_t lines = 0;              // rows and blank lines that end in the block and started in it
  bool blank_lines = false, quoted = false, irregular = false;
  bool open = false;  // a row goes on behind the block
};

Blocks::Blocks(std::string_view text, std::size_t first, std::size_t columns, std::size_t block_bytes)
    : text_(text), columns_(columns) {
  for (std::size_t at = first; at < text.size(); at = end_of_piece(text, at, block_bytes)) begins_.push_back(at);
  begins_.push_back(text.size());
  words_ = std::vector<std::atomic<std::uint64_t>>(begins_.size());
  words_[0] = kKnown;
}

std::size_t Blocks::rows() const { return words_.back().load() >> kRowsShift; }

Blocks::Found Blocks::scan(std::size_t block, bool quoted, bool exactly, std::vector<std::uint32_t>& room) const {
  const std::size_t begin = begins_[block], end = begins_[block + 1];
  if (end - begin > std::numeric_limits<std::uint32_t>::max() / 2) return {.irregular = true};
  if (room.size() < end - begin + kSlack) room.resize(end - begin + kSlack);
  std::uint32_t* ends = room.data() + 1;
  const Scanned scanned =
      exactly ? scan_cells_exactly(text_, begin, end, quoted, ends) : scan_cells(text_, begin, end, quoted, ends);
  Found found{.ends = scanned.ends,
              .lines = scanned.lines,
              .blank_lines = scanned.blank_lines,
              .quoted = scanned.quoted,
              .irregular = scanned.irregular};
  const bool row_starts = block == 0 || (!quoted && text_[begin - 1] == '\n');
  if (!row_starts) {
    while (found.skipped < found.ends && !ends_line(begin + ends[found.skipped])) ++found.skipped;
    if (found.skipped == found.ends) return {.quoted = found.quoted, .irregular = found.irregular};
    ++found.skipped;
    --found.lines;
  }
  const std::size_t last_end = found.ends == 0 ? begin : begin + ends[found.ends - 1] + 1;
  found.open = last_end != end || found.ends == 0 || !ends_line(last_end - 1);
  return found;
}

// Before the rows are complete: a row that goes on behind the block is none of the blank ones.
std::size_t Blocks::count_rows(std::size_t block, const Found& found, const std::uint32_t* ends) const {
  std::size_t rows = found.open ? 1 : 0;
  if (!found.blank_lines) return rows + found.lines;
  const char* text = text_.data() + begins_[block];
  std::uint32_t first = found.skipped == 0 ? 0 : ends[found.skipped - 1] + 1;
  bool one_cell = true;
  for (std::size_t i = found.skipped; i < found.ends; ++i) {
    const bool ends_row = text[ends[i]] == '\n';
    if (ends_row) {
      const std::uint32_t bytes = ends[i] - first;
      rows += one_cell && (bytes == 0 || (bytes == 1 && text[first] == '\r')) ? 0 : 1;
    }
    if (ends_row) first = ends[i] + 1;
    one_cell = ends_row;
  }
  return rows;
}

// Finds the end of a row that goes on behind its block; false where there is none.
bool Blocks::complete(std::size_t block, Found& found, std::vector<std::uint32_t>& room) const {
  if (!found.open) return true;
  const std::size_t base = begins_[block];
  bool quoted = found.quoted;
  std::vector<std::uint32_t> more;
  std::size_t end = begins_[block + 1];
  for (std::size_t begin = end; begin < text_.size(); begin = end) {
    end = end_of_piece(text_, begin, kPieceBytes);
    more.resize(end - begin + kSlack);
    Scanned scanned = scan_cells(text_, begin, end, quoted, more.data());
    if (scanned.irregular) scanned = scan_cells_exactly(text_, begin, end, quoted, more.data());
    if (end - base > std::numeric_limits<std::uint32_t>::max() / 2) return false;
    if (room.size() < found.ends + scanned.ends + kSlack) room.resize(2 * (found.ends + scanned.ends + kSlack));
    for (std::size_t i = 0; i < scanned.ends; ++i) {
      room[1 + found.ends++] = static_cast<std::uint32_t>(begin + more[i] - base);
      if (ends_line(begin + more[i])) return true;
    }
    if (scanned.irregular) return false;
    quoted = scanned.quoted;
  }
  if (quoted || text_.size() - base > std::numeric_limits<std::uint32_t>::max() / 2) return false;
  if (room.size() < found.ends + kSlack) room.resize(found.ends + kSlack);
  room[1 + found.ends++] = static_cast<std::uint32_t>(text_.size() - base);
  return true;
}

// Whether every row has its cells; takes blank lines out.
bool Blocks::regular(std::size_t block, Found& found, std::size_t rows, std::uint32_t* ends) const {
  const std::size_t base = begins_[block];
  if (found.blank_lines) {
    std::size_t kept = found.skipped;
    std::uint32_t first = found.skipped == 0 ? 0 : ends[found.skipped - 1] + 1;
    bool one_cell = true;
    for (std::size_t i = found.skipped; i < found.ends; ++i) {
      const std::uint32_t end = ends[i], bytes = end - first;
      const bool ends_row = ends_line(base + end);
      const bool blank = ends_row && one_cell && (bytes == 0 || (bytes == 1 && text_[base + first] == '\r'));
      if (!blank) ends[kept++] = end;
      if (ends_row) first = end + 1;
      one_cell = ends_row;
    }
    found.ends = kept;
  }
  if (found.ends - found.skipped != rows * columns_) return false;
  for (std::size_t i = found.skipped + columns_ - 1; i < found.ends; i += columns_)
    if (!ends_line(base + ends[i])) return false;
  return true;
}

std::optional<std::uint64_t> Blocks::word_of(std::size_t block) const {
  for (int spins = 0;; ++spins) {
    const std::uint64_t word = words_[block].load(std::memory_order_acquire);
    if ((word & kKnown) != 0) return word;
    if (broken()) return std::nullopt;
    if (spins > 1000) std::this_thread::yield();
  }
}

std::optional<Blocks::Rows> Blocks::rows_of(std::size_t block, std::vector<std::uint32_t>& room) {
  expect_pages(text_, begins_[block], begins_[block + 1]);
  // What starts within quotes is irregular, read as if it did not, sooner or later.
  bool guess = false;
  Found found = scan(block, guess, false, room);
  if (found.irregular) found = scan(block, guess = true, false, room);
  const auto word = word_of(block);
  if (!word) return std::nullopt;
  const bool quoted = (*word & kQuoted) != 0;
  if (quoted != guess) found = scan(block, quoted, false, room);
  if (found.irregular) found = scan(block, quoted, true, room);
  const std::size_t first = *word >> kRowsShift;
  const std::size_t rows = found.irregular ? 0 : count_rows(block, found, room.data() + 1);
  if (!found.irregular)
    words_[block + 1].store((first + rows) << kRowsShift | (found.quoted ? kQuoted : 0) | kKnown,
                            std::memory_order_release);
  if (found.irregular || !complete(block, found, room) || !regular(block, found, rows, room.data() + 1)) {
    broken_ = true;
    return std::nullopt;
  }
  // The cell before the first one ends right before it: for the first block at "-1".
  if (found.skipped == 0) room[0] = std::numeric_limits<std::uint32_t>::max();
  return Rows{{text_, begins_[block], room.data() + 1 + found.skipped, columns_, found.blank_lines}, first, rows};
}

}  // namespace overtake
