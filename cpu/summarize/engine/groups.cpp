// SPDX-License-Identifier: Apache-2.0
#include "cpu/summarize/engine/groups.h"

#include <algorithm>
#include <utility>

#include "cpu/table/kernels.h"

namespace overtake {

GroupTables::GroupTables(const TableView<float>& table, const std::vector<std::size_t>& categorical)
    : table_(table),
      blocks_((static_cast<std::size_t>(table.numeric.rows) + kGroup - 1) / kGroup),
      values_(kRows * kGroup) {
  for (const std::size_t c : categorical) {
    const std::int32_t levels = table.levels[c];
    OfColumn& column = columns_.emplace_back(OfColumn{c, levels, levels <= kFewCategories ? 2 : 1, {}, {}, {}});
    column.rows.assign(column.size(), 0);
    column.sums.assign(blocks_ * column.size(), {});
    column.places.resize(kRows);
  }
}

void GroupTables::add_rows(std::int64_t first, std::int64_t last) {
  for (std::int64_t i = first; i < last; i += kRows) add_piece(i, std::min(kRows, last - i));
}

void GroupTables::add_piece(std::int64_t first, std::int64_t count) {
  for (OfColumn& column : columns_) {
    const std::int32_t* codes = table_.codes.row(static_cast<std::int64_t>(column.column)) + first;
    const std::int32_t odd = column.tables == 2 ? column.levels + 1 : 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const bool known = static_cast<std::uint32_t>(codes[i]) < static_cast<std::uint32_t>(column.levels);
      const std::int32_t place = (known ? codes[i] : column.levels) + (i % 2 == 0 ? 0 : odd);
      column.places[static_cast<std::size_t>(i)] = place;
      ++column.rows[static_cast<std::size_t>(place)];
    }
  }
  const auto width = static_cast<std::size_t>(table_.numeric.rows);
  for (std::size_t block = 0; block < blocks_; ++block) {
    const std::size_t j = block * kGroup, columns = std::min(kGroup, width - j);
    // What stands behind the last column is added to sums that nobody takes.
    to_rows(table_.numeric.row(static_cast<std::int64_t>(j)) + first, table_.numeric.stride,
            static_cast<std::int64_t>(columns), count, values_.data(), kGroup);
    for (OfColumn& column : columns_)
      add_to_groups(values_.data(), column.places.data(), count, column.sums.data() + block * column.size());
  }
}

std::vector<Groups> GroupTables::take() const {
  std::vector<Groups> out(static_cast<std::size_t>(table_.codes.rows));
  const auto width = static_cast<std::size_t>(table_.numeric.rows);
  for (const OfColumn& column : columns_) {
    const auto levels = static_cast<std::size_t>(column.levels);
    Groups& groups = out[column.column];
    groups.rows.assign(levels, 0);
    groups.sums.assign(levels * width, 0);
    groups.counts.assign(levels * width, 0);
    for (std::size_t t = 0; t < static_cast<std::size_t>(column.tables); ++t)
      for (std::size_t level = 0; level < levels; ++level) {
        const std::size_t place = t * (levels + 1) + level;
        groups.rows[level] += column.rows[place];
        for (std::size_t j = 0; j < width; ++j) {
          const GroupSums& sums = column.sums[j / kGroup * column.size() + place];
          groups.sums[level * width + j] += sums.sums[j % kGroup];
          groups.counts[level * width + j] += sums.counts[j % kGroup];
        }
      }
  }
  return out;
}

}  // namespace overtake
