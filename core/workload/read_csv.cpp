// SPDX-License-Identifier: Apache-2.0
#include "core/workload/read_csv.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include "core/csv/reader.h"
#include "core/csv/writer.h"
#include "core/error.h"
#include "core/file.h"
#include "core/registry/workload_info.h"

namespace overtake {
namespace {

constexpr std::int64_t kMaxRows = std::int64_t{1} << 32, kMaxColumns = 1 << 20, kMaxBytes = std::int64_t{1} << 42;
constexpr std::int64_t kPlainLevels = 16, kQuotedLevels = 100;
constexpr std::string_view kPlainHeader = "x0,x1,x2,x3,x4,x5,x6,x7,count,kind\n";
constexpr std::string_view kQuotedHeader = "id,price,weight,place,comment,title,kind\n";
constexpr std::int64_t kPlainRow = 88, kQuotedRow = 163;

// `digits` decimal digits of `value`, with leading zeros.
void put_digits(std::string& out, std::uint64_t value, int digits) {
  char text[20];
  for (int i = digits; i-- > 0; value /= 10) text[i] = static_cast<char>('0' + value % 10);
  out.append(text, static_cast<std::size_t>(digits));
}

// Nine characters: "-1.234567" or "1.2345678".
void put_number(std::string& out, std::uint64_t bits) {
  const bool negative = (bits & 1) != 0;
  out += negative ? "-" : "";
  put_digits(out, 1 + (bits >> 1) % 9, 1);
  out += '.';
  put_digits(out, bits >> 8, negative ? 6 : 7);
}

void put_plain_row(std::string& out, const RandomStream& random, std::uint64_t row) {
  for (std::uint64_t j = 0; j < 8; ++j) {
    put_number(out, random.bits(10 * row + j));
    out += ',';
  }
  put_digits(out, 100 + random.bits(10 * row + 8) % 900, 3);
  out += ",k";
  put_digits(out, random.bits(10 * row + 9) % kPlainLevels, 2);
  out += '\n';
}

void put_quoted_row(std::string& out, const RandomStream& random, std::uint64_t row) {
  const auto bits = [&](std::uint64_t j) { return random.bits(8 * row + j); };
  const auto level = [&](std::uint64_t j) { put_digits(out, bits(j) % kQuotedLevels, 2); };
  put_digits(out, 1000000 + bits(0) % 9000000, 7);
  out += ',';
  put_number(out, bits(1));
  out += ',';
  put_number(out, bits(2));
  out += ",\"";
  level(3);
  out += " Harbour Street, 2nd floor, Bergen\",\"Said \"\"yes\"\" to offer ";
  level(4);
  out += ",\nthen \"\"no\"\", then nothing\",\"The \"\"";
  level(5);
  out += "\"\" of Spring, part two\",group ";
  level(6);
  out += '\n';
}

// The same table with its rows in reverse order and the sign of every number turned.
std::string turned_around(const std::string& path) {
  const BasicTable<double> kinds = read_table_as<double>(path);
  CsvReader reader{std::filesystem::path(path)};
  std::vector<std::string> names, cells;
  std::vector<std::vector<std::string>> rows;
  reader.next(names);
  while (reader.next(cells)) {
    for (std::size_t j = 0; j < cells.size(); ++j) {
      if (kinds.columns[j].categorical || is_missing(cells[j])) continue;
      const auto digit = cells[j].find_first_not_of(" \t");
      if (cells[j][digit] == '-' || cells[j][digit] == '+')
        cells[j][digit] = cells[j][digit] == '-' ? '+' : '-';
      else
        cells[j].insert(digit, 1, '-');
    }
    rows.push_back(cells);
  }
  CsvWriter writer;
  writer.record(names);
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) writer.record(*row);
  return writer.text();
}

template <class T>
KeyValues shape_of(const BasicTable<T>& table, std::int64_t bytes) {
  ReadCsv::Problem p;
  p.rows = table.rows;
  p.cols = static_cast<std::int64_t>(table.columns.size());
  p.bytes = bytes;
  for (const auto& column : table.columns) {
    p.categorical += column.categorical ? 1 : 0;
    p.levels += static_cast<std::int64_t>(column.categories.size());
  }
  return p.shape();
}

}  // namespace

ReadCsv::Problem ReadCsv::Problem::from(const KeyValues& shape, const KeyValues& params) {
  Problem p;
  const std::string text = params.find("text").value_or("plain");
  if (text != "plain" && text != "quoted")
    throw UsageError("text '" + text + "': read_csv has the texts plain and quoted");
  p.quoted = text == "quoted";
  p.data = params.find("data").value_or("");
  p.rows = shape.integer("rows");
  p.cols = shape.integer("cols", p.quoted ? 7 : 10);
  p.categorical = shape.integer("categorical", p.quoted ? 4 : 1);
  p.levels = shape.integer("levels", p.quoted ? 4 * std::min(p.rows, kQuotedLevels) : std::min(p.rows, kPlainLevels));
  p.bytes = shape.integer("bytes", static_cast<std::int64_t>(p.quoted ? kQuotedHeader.size() : kPlainHeader.size()) +
                                       p.rows * (p.quoted ? kQuotedRow : kPlainRow));
  if (p.rows < 1 || p.rows > kMaxRows || p.cols < 1 || p.cols > kMaxColumns || p.categorical < 0 ||
      p.categorical > p.cols || p.levels < 0 || p.bytes < 1 || p.bytes > kMaxBytes || p.levels > p.bytes)
    throw UsageError("read_csv " + shape.to_string() + ": rows must be from 1 to 2^32");
  return p;
}

KeyValues ReadCsv::Problem::shape() const {
  KeyValues out;
  out.set("rows", rows);
  if (data.empty() && bytes == from({{"rows", std::to_string(rows)}}, {{"text", quoted ? "quoted" : "plain"}}).bytes)
    return out;
  out.set("cols", cols);
  out.set("categorical", categorical);
  out.set("levels", levels);
  out.set("bytes", bytes);
  return out;
}

ReadCsv::Problem ReadCsv::Problem::shrunk(std::int64_t divisor) const {
  return from({{"rows", std::to_string(std::max<std::int64_t>(rows / divisor, 1))}},
              {{"text", quoted ? "quoted" : "plain"}});
}

template <class T>
ReadCsv::Input<T>::Input(const Problem& p, Arena& arena, const InputSource& source) : problem(p) {
  if (!source.attached && source.path.empty() != p.data.empty())
    throw UsageError("read_csv: the parameter data=NAME names the file that --data FILE reads; neither goes alone");
  name = p.data.empty() ? "generated.csv" : p.data;
  std::string made;
  if (!source.attached && !source.path.empty()) {
    made = source.second ? turned_around(source.path) : read_file(source.path);
    if (!source.second && static_cast<std::int64_t>(made.size()) != p.bytes)
      throw UsageError(source.path + ": was changed since the run was planned; try again");
  } else if (!source.attached) {
    const RandomStream random(source.seed, 0);
    made = p.quoted ? kQuotedHeader : kPlainHeader;
    made.reserve(static_cast<std::size_t>(p.bytes));
    for (std::uint64_t row = 0; row < static_cast<std::uint64_t>(p.rows); ++row)
      p.quoted ? put_quoted_row(made, random, row) : put_plain_row(made, random, row);
  }
  // The text first, so that a mapping of the file's start is the text; its length behind it.
  const std::size_t room = static_cast<std::size_t>(2 * p.bytes + 2 * p.rows * p.cols);  // signs and quotes more
  const auto bytes = arena.allocate<char>(room);
  const auto length = arena.allocate<std::int64_t>(1);
  if (!source.attached) {
    if (made.size() > room) throw UsageError(source.path + ": was changed since the run was planned; try again");
    std::ranges::copy(made, bytes.begin());
    length[0] = static_cast<std::int64_t>(made.size());
  }
  text = {bytes.data(), static_cast<std::size_t>(length[0])};
  descriptor = arena.fd();
}

template <class T>
ReadCsv::Output<T>::Output(const Problem& p, const Input<T>&, Arena& arena) {
  const std::int64_t numbers = p.cols - p.categorical;
  counts = arena.allocate<std::int64_t>(2);
  categorical = arena.allocate<std::int32_t>(static_cast<std::size_t>(p.cols));
  numeric = {arena.allocate<T>(static_cast<std::size_t>(numbers * p.rows)).data(), numbers, p.rows, p.rows};
  codes = {arena.allocate<std::int32_t>(static_cast<std::size_t>(p.categorical * p.rows)).data(), p.categorical, p.rows,
           p.rows};
  text_ends = arena.allocate<std::int64_t>(static_cast<std::size_t>(p.cols + p.levels));
  text = arena.allocate<char>(static_cast<std::size_t>(p.bytes));
}

template <class T>
void ReadCsv::Output<T>::poison() {
  std::ranges::fill(counts, -1);
  std::ranges::fill(categorical, -2);
  std::fill_n(numeric.data, numeric.size(), std::numeric_limits<T>::quiet_NaN());
  std::fill_n(codes.data, codes.size(), -2);
  std::ranges::fill(text_ends, -1);
}

template <class T>
void ReadCsv::Output<T>::store(const BasicTable<T>& table) {
  counts[0] = table.rows;
  counts[1] = static_cast<std::int64_t>(table.columns.size());
  std::size_t ends = 0, used = 0;
  const auto put = [&](std::string_view word) {
    const std::size_t bytes = std::min(word.size(), text.size() - used);
    std::copy_n(word.begin(), bytes, text.data() + used);
    used += bytes;
    if (ends < text_ends.size()) text_ends[ends++] = static_cast<std::int64_t>(used);
  };
  std::int64_t number = 0, category = 0;
  for (std::size_t j = 0; j < std::min(table.columns.size(), categorical.size()); ++j) {
    const TableColumn<T>& column = table.columns[j];
    categorical[j] = column.categorical ? static_cast<std::int32_t>(column.categories.size()) : -1;
    put(column.name);
    for (const std::string& word : column.categories) put(word);
    const auto rows = std::min<std::int64_t>(table.rows, numeric.cols);
    if (!column.categorical && number < numeric.rows) std::copy_n(column.values.data(), rows, numeric.row(number++));
    if (column.categorical && category < codes.rows) std::copy_n(column.codes.data(), rows, codes.row(category++));
  }
}

Cost ReadCsv::cost(const Problem& p, Dtype dtype) {
  const double rows = static_cast<double>(p.rows);
  return {.bytes_read = static_cast<double>(p.bytes),
          .bytes_written = rows * static_cast<double>(p.cols - p.categorical) * static_cast<double>(size_of(dtype)) +
                           rows * static_cast<double>(p.categorical) * sizeof(std::int32_t),
          .items = rows};
}

KeyValues ReadCsv::parse_size(std::string_view size) {
  std::int64_t rows = 0;
  const auto result = std::from_chars(size.data(), size.data() + size.size(), rows);
  if (size.empty() || result.ec != std::errc{} || result.ptr != size.data() + size.size() || rows < 1 ||
      rows > kMaxRows)
    throw UsageError("--size " + std::string(size) + ": read_csv takes a number of rows from 1 to 2^32, as in 100000");
  KeyValues shape;
  shape.set("rows", rows);
  return shape;
}

KeyValues ReadCsv::describe(const std::filesystem::path& path) {
  const auto bytes = static_cast<std::int64_t>(read_file(path).size());
  return shape_of(read_table_as<double>(path), bytes);
}

template struct ReadCsv::Input<float>;
template struct ReadCsv::Input<double>;
template struct ReadCsv::Output<float>;
template struct ReadCsv::Output<double>;

OVERTAKE_WORKLOAD(ReadCsv);

}  // namespace overtake
