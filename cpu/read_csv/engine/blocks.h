// SPDX-License-Identifier: Apache-2.0
// The rows of a CSV's text in blocks that workers take one after another. For cpu/read_csv/engine.
//
// Where the cells of a block end depends on whether the block starts within quotes, which the block before it knows,
// and where its rows go depends on how many there are before. So a worker scans its block as if it started outside of
// quotes, waits for the word of the block before (which comes after that one's scan, not after its parsing), scans
// again where that guess was wrong, hands on its own word, and only then parses: blocks wait for each other's scans at
// most, which is a tenth of the work.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cpu/read_csv/engine/kernels.h"

namespace overtake {

class Blocks {
 public:
  /// `text` from `first` on, where a row starts (or blank lines do); rows have `columns` cells.
  Blocks(std::string_view text, std::size_t first, std::size_t columns, std::size_t block_bytes);

  std::size_t count() const { return begins_.size() - 1; }

  struct Rows {
    Cells cells;  // into the room that was given
    std::size_t first = 0, count = 0;
  };
  /// The rows that start in a block. Calls may run at once, each with a `room` of its own; every block before must be
  /// in somebody's hands. Nothing where the text is no CSV here or in a block before; then all calls return nothing.
  std::optional<Rows> rows_of(std::size_t block, std::vector<std::uint32_t>& room);

  /// After every block: how many rows there are.
  std::size_t rows() const;
  /// For a worker that gives up: nobody waits for its block.
  void stop() { broken_ = true; }
  bool broken() const { return broken_.load(std::memory_order_relaxed); }

 private:
  struct Found;
  Found scan(std::size_t block, bool quoted, bool exactly, std::vector<std::uint32_t>& room) const;
  std::size_t count_rows(std::size_t block, const Found&, const std::uint32_t* ends) const;
  bool complete(std::size_t block, Found&, std::vector<std::uint32_t>& room) const;
  bool regular(std::size_t block, Found&, std::size_t rows, std::uint32_t* ends) const;
  std::optional<std::uint64_t> word_of(std::size_t block) const;
  bool ends_line(std::size_t place) const { return place >= text_.size() || text_[place] == '\n'; }

  std::string_view text_;
  std::size_t columns_;
  std::vector<std::size_t> begins_;                // of each block, and the end of the text
  std::vector<std::atomic<std::uint64_t>> words_;  // for each block: rows before it, whether it starts within quotes
  std::atomic<bool> broken_ = false;
};

}  // namespace overtake
