// SPDX-License-Identifier: Apache-2.0
#include "core/workload/table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "core/csv/number.h"
#include "core/csv/reader.h"
#include "core/error.h"

namespace overtake {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// For messages: short, without control characters.
std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMost = 40;
  std::string out = "'";
  out.append(text.substr(0, kMost)).append(text.size() > kMost ? "...'" : "'");
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return out;
}

// What the first reading finds out.
struct Kind {
  bool any_value = false;
  std::size_t line = 0;  // of the first cell that is not a number; 0: there is none
  std::string cell;
};

// The header, then every row.
template <class Header, class Row>
std::int64_t for_each_row(const std::filesystem::path& path, Header&& header, Row&& row) {
  CsvReader reader(path);
  std::vector<std::string_view> cells;
  if (!reader.next(cells)) throw UsageError(path.string() + ": is empty; a header line and rows are needed");
  header(cells);
  std::int64_t rows = 0;
  while (reader.next(cells)) {
    row(cells, reader);
    ++rows;
  }
  if (rows == 0) throw UsageError(path.string() + ":1: there is a header line but no row under it");
  return rows;
}

std::vector<Kind> kinds_of(const std::filesystem::path& path, Table& table) {
  std::vector<Kind> kinds;
  table.rows = for_each_row(
      path,
      [&](const auto& cells) {
        for (const std::string_view cell : cells) table.columns.emplace_back().name = cell;
        kinds.resize(cells.size());
      },
      [&](const auto& cells, const CsvReader& reader) {
        for (std::size_t j = 0; j < cells.size(); ++j) {
          Kind& kind = kinds[j];
          if (kind.line != 0 || is_missing(cells[j])) continue;
          kind.any_value = true;
          if (parse_float(trimmed(cells[j]))) continue;
          kind.line = reader.position(j).line;
          kind.cell = in_quotes(cells[j]);
        }
      });
  return kinds;
}

using Dictionary = std::unordered_map<std::string, std::int32_t>;

// Codes are in order of appearance so far; puts the categories in order.
void sort_categories(Column& column, const Dictionary& dictionary) {
  for (const auto& [category, code] : dictionary) column.categories.push_back(category);
  std::ranges::sort(column.categories);
  std::vector<std::int32_t> place(dictionary.size());
  for (std::size_t k = 0; k < place.size(); ++k)
    place[static_cast<std::size_t>(dictionary.at(column.categories[k]))] = static_cast<std::int32_t>(k);
  for (std::int32_t& code : column.codes)
    if (code >= 0) code = place[static_cast<std::size_t>(code)];
}

void read_values(const std::filesystem::path& path, Table& table) {
  std::vector<Dictionary> dictionaries(table.columns.size());
  for (Column& column : table.columns)
    column.categorical ? column.codes.reserve(static_cast<std::size_t>(table.rows))
                       : column.values.reserve(static_cast<std::size_t>(table.rows));
  const auto changed = [&] { return UsageError(path.string() + ": was changed while it was read; try again"); };
  const std::int64_t rows = for_each_row(
      path,
      [&](const auto& cells) {
        if (cells.size() != table.columns.size()) throw changed();
      },
      [&](const auto& cells, const CsvReader&) {
        for (std::size_t j = 0; j < cells.size(); ++j) {
          Column& column = table.columns[j];
          const bool missing = is_missing(cells[j]);
          if (column.categorical) {
            Dictionary& dictionary = dictionaries[j];
            const auto code = static_cast<std::int32_t>(dictionary.size());
            column.codes.push_back(missing ? -1 : dictionary.try_emplace(std::string(cells[j]), code).first->second);
          } else {
            const auto value = missing ? std::numeric_limits<float>::quiet_NaN() : parse_float(trimmed(cells[j]));
            if (!value) throw changed();
            column.values.push_back(*value);
          }
        }
      });
  if (rows != table.rows) throw changed();
  for (std::size_t j = 0; j < table.columns.size(); ++j) sort_categories(table.columns[j], dictionaries[j]);
}

}  // namespace

bool is_missing(std::string_view cell) {
  constexpr std::array<std::string_view, 6> kWords = {"", "na", "n/a", "nan", "null", "none"};
  std::string word(trimmed(cell).substr(0, 5));
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::ranges::find(kWords, word) != kWords.end();
}

Table read_table(const std::filesystem::path& path) {
  Table table;
  const std::vector<Kind> kinds = kinds_of(path, table);
  for (std::size_t j = 0; j < kinds.size(); ++j) table.columns[j].categorical = kinds[j].line != 0;
  read_values(path, table);
  for (std::size_t j = 0; j < kinds.size(); ++j) {
    const Column& column = table.columns[j];
    const std::string place = path.string() + ": column " + in_quotes(column.name);
    if (column.categorical)
      table.notes.push_back(place + " is categorical, with " + std::to_string(column.categories.size()) +
                            " categories, because " + kinds[j].cell + " on line " + std::to_string(kinds[j].line) +
                            " is not a number");
    else if (!kinds[j].any_value)
      table.notes.push_back(place + " has no value at all, and counts as numeric");
  }
  return table;
}

}  // namespace overtake
