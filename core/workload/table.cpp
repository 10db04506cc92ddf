// SPDX-License-Identifier: Apache-2.0
#include "core/workload/table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
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

// Where the text comes from: a file, read anew each time, or memory.
struct Source {
  const std::filesystem::path* path;
  std::string_view text;
  std::string name;

  CsvReader reader() const { return path != nullptr ? CsvReader(*path) : CsvReader(text, name); }
};

// The header, then every row.
template <class Header, class Row>
std::int64_t for_each_row(const Source& source, Header&& header, Row&& row) {
  CsvReader reader = source.reader();
  std::vector<std::string_view> cells;
  if (!reader.next(cells)) throw UsageError(source.name + ": is empty; a header line and rows are needed");
  header(cells);
  std::int64_t rows = 0;
  while (reader.next(cells)) {
    row(cells, reader);
    ++rows;
  }
  if (rows == 0) throw UsageError(source.name + ":1: there is a header line but no row under it");
  return rows;
}

template <class T>
std::vector<ColumnKind> kinds_of(const Source& source, BasicTable<T>& table) {
  std::vector<ColumnKind> kinds;
  table.rows = for_each_row(
      source,
      [&](const auto& cells) {
        for (const std::string_view cell : cells) table.columns.emplace_back().name = cell;
        kinds.resize(cells.size());
      },
      [&](const auto& cells, const CsvReader& reader) {
        for (std::size_t j = 0; j < cells.size(); ++j) {
          ColumnKind& kind = kinds[j];
          if (kind.line != 0 || is_missing(cells[j])) continue;
          kind.any_value = true;
          if (T value{}; value_of_cell(cells[j], value)) continue;
          kind.line = reader.position(j).line;
          kind.cell = cells[j];
        }
      });
  return kinds;
}

using Dictionary = std::unordered_map<std::string, std::int32_t>;

// Codes are in order of appearance so far; puts the categories in order.
template <class T>
void sort_categories(TableColumn<T>& column, const Dictionary& dictionary) {
  for (const auto& [category, code] : dictionary) column.categories.push_back(category);
  std::ranges::sort(column.categories);
  std::vector<std::int32_t> place(dictionary.size());
  for (std::size_t k = 0; k < place.size(); ++k)
    place[static_cast<std::size_t>(dictionary.at(column.categories[k]))] = static_cast<std::int32_t>(k);
  for (std::int32_t& code : column.codes)
    if (code >= 0) code = place[static_cast<std::size_t>(code)];
}

template <class T>
void read_values(const Source& source, BasicTable<T>& table) {
  std::vector<Dictionary> dictionaries(table.columns.size());
  const auto rows = static_cast<std::size_t>(table.rows);
  for (TableColumn<T>& column : table.columns) {
    if (column.categorical)
      column.codes = LargeArray<std::int32_t>(rows, rows);
    else
      column.values = LargeArray<T>(rows, rows);
  }
  const auto changed = [&] { return UsageError(source.name + ": was changed while it was read; try again"); };
  std::size_t row = 0;
  for_each_row(
      source,
      [&](const auto& cells) {
        if (cells.size() != table.columns.size()) throw changed();
      },
      [&](const auto& cells, const CsvReader&) {
        if (row == rows) throw changed();
        for (std::size_t j = 0; j < cells.size(); ++j) {
          TableColumn<T>& column = table.columns[j];
          if (column.categorical) {
            Dictionary& dictionary = dictionaries[j];
            const auto code = static_cast<std::int32_t>(dictionary.size());
            column.codes[row] =
                is_missing(cells[j]) ? -1 : dictionary.try_emplace(std::string(cells[j]), code).first->second;
          } else if (!value_of_cell(cells[j], column.values[row])) {
            throw changed();
          }
        }
        ++row;
      });
  if (row != rows) throw changed();
  for (std::size_t j = 0; j < table.columns.size(); ++j) sort_categories(table.columns[j], dictionaries[j]);
}

template <class T>
BasicTable<T> read_from(const Source& source) {
  BasicTable<T> table;
  const std::vector<ColumnKind> kinds = kinds_of(source, table);
  for (std::size_t j = 0; j < kinds.size(); ++j) table.columns[j].categorical = kinds[j].line != 0;
  read_values(source, table);
  table.notes = notes_of(source.name, table, kinds);
  return table;
}

}  // namespace

bool is_missing(std::string_view cell) {
  constexpr std::array<std::string_view, 6> kWords = {"", "na", "n/a", "nan", "null", "none"};
  std::string word(trimmed(cell).substr(0, 5));
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::ranges::find(kWords, word) != kWords.end();
}

template <class T>
bool value_of_cell(std::string_view cell, T& value) {
  if (is_missing(cell)) {
    value = std::numeric_limits<T>::quiet_NaN();
    return true;
  }
  const std::string_view text = trimmed(cell);
  const auto number = [&] {
    if constexpr (std::is_same_v<T, float>)
      return parse_float(text);
    else
      return parse_double(text);
  }();
  if (number) value = *number;
  return number.has_value();
}

template <class T>
std::vector<std::string> notes_of(const std::string& name, const BasicTable<T>& table,
                                  const std::vector<ColumnKind>& kinds) {
  std::vector<std::string> notes;
  for (std::size_t j = 0; j < kinds.size(); ++j) {
    const TableColumn<T>& column = table.columns[j];
    const std::string place = name + ": column " + in_quotes(column.name);
    if (column.categorical && kinds[j].line != 0)
      notes.push_back(place + " is categorical, with " + std::to_string(column.categories.size()) +
                      " categories, because " + in_quotes(kinds[j].cell) + " on line " + std::to_string(kinds[j].line) +
                      " is not a number");
    else if (!column.categorical && !kinds[j].any_value)
      notes.push_back(place + " has no value at all, and counts as numeric");
  }
  return notes;
}

template <class T>
BasicTable<T> read_table_as(const std::filesystem::path& path) {
  return read_from<T>({&path, {}, path.string()});
}

template <class T>
BasicTable<T> read_table_as(std::string_view text, const std::string& name) {
  return read_from<T>({nullptr, text, name});
}

template BasicTable<float> read_table_as(const std::filesystem::path&);
template BasicTable<double> read_table_as(const std::filesystem::path&);
template BasicTable<float> read_table_as(std::string_view, const std::string&);
template BasicTable<double> read_table_as(std::string_view, const std::string&);
template bool value_of_cell(std::string_view, float&);
template bool value_of_cell(std::string_view, double&);
template std::vector<std::string> notes_of(const std::string&, const BasicTable<float>&,
                                           const std::vector<ColumnKind>&);
template std::vector<std::string> notes_of(const std::string&, const BasicTable<double>&,
                                           const std::vector<ColumnKind>&);

}  // namespace overtake
