// SPDX-License-Identifier: Apache-2.0
#include "core/workload/table_input.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "core/error.h"
#include "core/random.h"

namespace overtake {
namespace {

constexpr std::int64_t kMaxRows = std::int64_t{1} << 32, kMaxColumns = 1 << 16, kMaxLevels = 1 << 22;
constexpr std::int32_t kGeneratedLevels = 16;
constexpr double kMissing = 0.05;

// Each column starts at a multiple of Arena::kAlignment bytes.
template <class T>
View<T> columns(Arena& arena, std::int64_t count, std::int64_t rows) {
  constexpr auto kUnit = static_cast<std::int64_t>(Arena::kAlignment / sizeof(T));
  const std::int64_t stride = (rows + kUnit - 1) / kUnit * kUnit;
  return {arena.allocate<T>(static_cast<std::size_t>(count * stride)).data(), count, rows, stride};
}

// None below 0, so that every step has work to do; the second has an offset of 10000 deviations, and the scales are
// powers of two, so that a value is rounded once, on machines that fuse multiplications and additions as on others.
struct Scale {
  double offset, scale;
};
constexpr std::array<Scale, 6> kScales = {{{2, 1}, {10000, 1}, {1024, 512}, {0.25, 0.125}, {1e6, 262144}, {50, 16}}};

// A sum of four 16-bit uniform numbers (nearly normal, from -2 to 2, deviation 0.577) around an offset.
template <class T>
void generate_numeric(View<T> numeric, Seed seed) {
  for (std::int64_t j = 0; j < numeric.rows; ++j) {
    const auto [offset, scale] = kScales[static_cast<std::size_t>(j) % kScales.size()];
    const RandomStream values(seed, 2 * static_cast<std::uint64_t>(j)),
        missing(seed, 2 * static_cast<std::uint64_t>(j) + 1);
    for (std::int64_t i = 0; i < numeric.cols; ++i) {
      const auto at = static_cast<std::uint64_t>(i);
      const std::uint64_t bits = values.bits(at);
      const auto sum =
          static_cast<std::int64_t>((bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48)) -
          std::int64_t{2} * 0xffff;
      numeric(j, i) = missing.uniform(at) < kMissing
                          ? std::numeric_limits<T>::quiet_NaN()
                          : static_cast<T>(offset + scale * 0x1p-16 * static_cast<double>(sum));
    }
  }
}

// The square of a uniform number: category 0 is the most frequent one.
void generate_codes(View<std::int32_t> codes, std::span<const std::int32_t> levels, Seed seed) {
  constexpr std::uint64_t kFirstStream = std::uint64_t{1} << 32;  // beyond those of numeric columns
  for (std::int64_t j = 0; j < codes.rows; ++j) {
    const std::uint64_t stream = kFirstStream + 2 * static_cast<std::uint64_t>(j);
    const RandomStream values(seed, stream), missing(seed, stream + 1);
    const std::int32_t count = levels[static_cast<std::size_t>(j)];
    for (std::int64_t i = 0; i < codes.cols; ++i) {
      const auto at = static_cast<std::uint64_t>(i);
      const double u = values.uniform(at);
      codes(j, i) = missing.uniform(at) < kMissing || count == 0
                        ? -1
                        : static_cast<std::int32_t>(u * u * static_cast<double>(count));
    }
  }
}

// Of `total` categories, as evenly as it goes.
void share_levels(std::span<std::int32_t> levels, std::int64_t total) {
  const auto columns = static_cast<std::int64_t>(levels.size());
  for (std::int64_t j = 0; j < columns; ++j)
    levels[static_cast<std::size_t>(j)] = static_cast<std::int32_t>(total * (j + 1) / columns - total * j / columns);
}

template <class T>
void copy_table(const Table& table, const TableView<T>& to, std::span<std::int32_t> levels, bool second) {
  std::int64_t number = 0, category = 0;
  const std::int64_t rows = to.rows();
  for (const Column& column : table.columns) {
    const auto from = [&](std::int64_t i) { return static_cast<std::size_t>(second ? rows - 1 - i : i); };
    if (!column.categorical) {
      for (std::int64_t i = 0; i < rows; ++i) {
        const T value = static_cast<T>(column.values[from(i)]);
        to.numeric(number, i) = second ? value / 2 + 1 : value;
      }
      ++number;
    } else {
      const auto count = static_cast<std::int32_t>(column.categories.size());
      levels[static_cast<std::size_t>(category)] = count;
      for (std::int64_t i = 0; i < rows; ++i) {
        const std::int32_t code = column.codes[from(i)];
        to.codes(category, i) = second && code >= 0 ? count - 1 - code : code;
      }
      ++category;
    }
  }
}

}  // namespace

TableShape TableShape::from(std::string_view workload, const KeyValues& shape) {
  TableShape s;
  s.rows = shape.integer("rows");
  s.cols = shape.integer("cols");
  s.categorical = shape.integer("categorical", s.cols / 4);
  s.levels = shape.integer("levels", s.categorical * kGeneratedLevels);
  if (s.rows < 0 || s.rows > kMaxRows || s.cols < 0 || s.cols > kMaxColumns || s.categorical < 0 ||
      s.categorical > s.cols || s.levels < 0 || s.levels > kMaxLevels || (s.categorical == 0 && s.levels != 0))
    throw UsageError(std::string(workload) + " " + shape.to_string() +
                     ": rows must be from 0 to 2^32, cols from 0 to 2^16, categorical from 0 to cols, and levels (all "
                     "categories together) from 0 to 2^22");
  return s;
}

KeyValues TableShape::parse_size(std::string_view workload, std::string_view size) {
  std::array<std::int64_t, 2> extents{0, 8};
  const auto bad = [&] {
    return UsageError("--size " + std::string(size) + ": " + std::string(workload) +
                      " takes ROWS, ROWSxCOLUMNS or ROWSxNUMERIC+CATEGORICAL, rows from 0 to 2^32 and "
                      "columns from 0 to 2^16, as in 1000000x8 or 1000000x6+2");
  };
  const auto read = [&](std::string_view text, std::int64_t most) {
    std::int64_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc{} || result.ptr != text.data() + text.size() || value < 0 || value > most) throw bad();
    return value;
  };
  const auto cross = size.find('x'), plus = size.find('+');
  extents[0] = read(size.substr(0, cross), kMaxRows);
  if (cross == std::string_view::npos && plus != std::string_view::npos) throw bad();
  if (cross != std::string_view::npos)
    extents[1] = read(size.substr(cross + 1, plus == std::string_view::npos ? plus : plus - cross - 1), kMaxColumns);
  KeyValues shape;
  shape.set("rows", extents[0]);
  shape.set("cols", extents[1]);
  if (plus != std::string_view::npos) {
    const std::int64_t categorical = read(size.substr(plus + 1), kMaxColumns);
    shape.set("cols", extents[1] + categorical);
    shape.set("categorical", categorical);
  }
  return from(workload, shape).shape();
}

TableShape TableShape::of(const Table& table) {
  TableShape s;
  s.rows = table.rows;
  s.cols = static_cast<std::int64_t>(table.columns.size());
  for (const Column& column : table.columns) {
    if (!column.categorical) continue;
    ++s.categorical;
    s.levels += static_cast<std::int64_t>(column.categories.size());
  }
  return s;
}

KeyValues TableShape::shape() const {
  KeyValues out;
  out.set("rows", rows);
  out.set("cols", cols);
  out.set("categorical", categorical);
  out.set("levels", levels);
  return out;
}

TableShape TableShape::with_fewer_rows(std::int64_t divisor) const {
  TableShape less = *this;
  if (rows > 0) less.rows = std::max<std::int64_t>(rows / divisor, 1);
  return less;
}

template <class T>
TableView<T> make_table(std::string_view workload, const TableShape& s, const std::string& data, Arena& arena,
                        const InputSource& source, const std::function<void(const Table&)>& accept) {
  // The order is the layout that another process relies on.
  const auto levels = arena.allocate<std::int32_t>(static_cast<std::size_t>(s.categorical));
  TableView<T> table;
  table.numeric = columns<T>(arena, s.numeric(), s.rows);
  table.codes = columns<std::int32_t>(arena, s.categorical, s.rows);
  table.levels = levels;
  if (source.attached) return table;
  if (source.table != nullptr) {
    if (!source.second) copy_table(*source.table, table, levels, false);
    return table;
  }
  if (source.path.empty() != data.empty())
    throw UsageError(std::string(workload) +
                     ": the parameter data=NAME names the table that --data FILE reads; neither goes alone");
  if (source.path.empty()) {
    share_levels(levels, s.levels);
    generate_numeric(table.numeric, source.seed);
    generate_codes(table.codes, levels, source.seed);
    return table;
  }
  const Table read = read_table(source.path);
  const TableShape found = TableShape::of(read);
  if (found.rows < s.rows || found.cols != s.cols || found.categorical != s.categorical || found.levels != s.levels)
    throw UsageError(source.path + ": is " + found.shape().to_string() + ", not " + s.shape().to_string() +
                     " as asked for; was it changed meanwhile?");
  if (accept) accept(read);
  copy_table(read, table, levels, source.second);
  return table;
}

template TableView<float> make_table(std::string_view, const TableShape&, const std::string&, Arena&,
                                     const InputSource&, const std::function<void(const Table&)>&);

}  // namespace overtake
