// SPDX-License-Identifier: Apache-2.0
#include "core/workload/preprocess.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "core/error.h"
#include "core/system/resources.h"
#include "core/workload/table.h"

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

Fitted allocate_fitted(Arena& arena, const Preprocess::Problem& p) {
  const auto steps = static_cast<std::int64_t>(p.pipeline.steps.size());
  const std::int64_t width = 2 * p.numeric();
  return {{arena.allocate<double>(static_cast<std::size_t>(steps * width)).data(), steps, width, width},
          arena.allocate<std::int32_t>(static_cast<std::size_t>(p.levels))};
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

Preprocess::Problem Preprocess::Problem::from(const KeyValues& shape, const KeyValues& params) {
  Problem p;
  p.rows = shape.integer("rows");
  p.cols = shape.integer("cols");
  p.categorical = shape.integer("categorical", p.cols / 4);
  p.levels = shape.integer("levels", p.categorical * kGeneratedLevels);
  if (p.rows < 0 || p.rows > kMaxRows || p.cols < 0 || p.cols > kMaxColumns || p.categorical < 0 ||
      p.categorical > p.cols || p.levels < 0 || p.levels > kMaxLevels || (p.categorical == 0 && p.levels != 0))
    throw UsageError("preprocess " + shape.to_string() +
                     ": rows must be from 0 to 2^32, cols from 0 to 2^16, categorical from 0 to cols, and levels (all "
                     "categories together) from 0 to 2^22");
  const std::string phase = params.find("phase").value_or("both");
  if (phase != "fit" && phase != "apply" && phase != "both")
    throw UsageError("phase '" + phase + "': preprocess has the phases fit, apply and both");
  p.phase = phase == "fit" ? Phase::fit : phase == "apply" ? Phase::apply : Phase::both;
  p.pipeline = Pipeline::parse(params.find("steps").value_or(std::string(kDefaultSteps)));
  p.data = params.find("data").value_or("");
  return p;
}

KeyValues Preprocess::Problem::shape() const {
  KeyValues out;
  out.set("rows", rows);
  out.set("cols", cols);
  out.set("categorical", categorical);
  out.set("levels", levels);
  return out;
}

Preprocess::Problem Preprocess::Problem::shrunk(std::int64_t divisor) const {
  Problem less = *this;
  if (rows > 0) less.rows = std::max<std::int64_t>(rows / divisor, 1);
  return less;
}

Preprocess::Problem Preprocess::problem_of(const Table& table) {
  Problem p;
  p.rows = table.rows;
  p.cols = static_cast<std::int64_t>(table.columns.size());
  for (const Column& column : table.columns) {
    if (!column.categorical) continue;
    ++p.categorical;
    p.levels += static_cast<std::int64_t>(column.categories.size());
  }
  return p;
}

// A column of names or dates has nearly as many categories as rows.
void Preprocess::require_memory(const std::string& path, const Table& table, const Problem& p,
                                std::size_t element_bytes) {
  const double bytes =
      static_cast<double>(p.rows) * static_cast<double>(p.features()) * static_cast<double>(element_bytes);
  const double memory = static_cast<double>(memory_limit_bytes());
  if (!p.pipeline.one_hot || p.phase == Phase::fit || bytes <= memory) return;
  const auto widest = std::ranges::max_element(table.columns, {}, [](const Column& c) { return c.categories.size(); });
  throw UsageError(path + ": one_hot makes a column of each of the " + std::to_string(p.levels) +
                   " categories, and the result of " + std::to_string(bytes / 1e9) + " GB does not fit the " +
                   std::to_string(memory / 1e9) + " GB of memory; leave out column '" + widest->name + "' with its " +
                   std::to_string(widest->categories.size()) + " categories, or take steps without one_hot");
}

template <class T>
Preprocess::Input<T>::Input(const Problem& p, Arena& arena, const InputSource& source) : problem(p) {
  // The order is the layout that another process relies on.
  const auto levels = arena.allocate<std::int32_t>(static_cast<std::size_t>(p.categorical));
  table = {columns<T>(arena, p.numeric(), p.rows), columns<std::int32_t>(arena, p.categorical, p.rows), levels};
  given = allocate_fitted(arena, p);
  if (source.attached) return;
  if (source.table != nullptr) {
    if (!source.second) copy_table(*source.table, table, levels, false);
    return;
  }
  if (source.path.empty() != p.data.empty())
    throw UsageError("preprocess: the parameter data=NAME names the table that --data FILE reads; neither goes alone");
  if (source.path.empty()) {
    share_levels(levels, p.levels);
    generate_numeric(table.numeric, source.seed);
    generate_codes(table.codes, levels, source.seed);
  } else {
    const Table read = read_table(source.path);
    const Problem found = problem_of(read);
    if (found.rows < p.rows || found.cols != p.cols || found.categorical != p.categorical || found.levels != p.levels)
      throw UsageError(source.path + ": is " + found.shape().to_string() + ", not " + p.shape().to_string() +
                       " as asked for; was it changed meanwhile?");
    require_memory(source.path, read, p, sizeof(T));
    copy_table(read, table, levels, source.second);
  }
  if (p.phase == Phase::apply) fit_reference(p, table, given);
}

template <class T>
Preprocess::Output<T>::Output(const Problem& p, const Input<T>&, Arena& arena) {
  const std::int64_t rows = p.phase == Phase::fit ? 0 : p.rows, width = p.features();
  features = {arena.allocate<T>(static_cast<std::size_t>(rows * width)).data(), rows, width, width};
  fitted = allocate_fitted(arena, p);
}

template <class T>
void Preprocess::Output<T>::poison() {
  std::fill_n(features.data, features.size(), std::numeric_limits<T>::quiet_NaN());
  std::fill_n(fitted.parameters.data, fitted.parameters.size(), std::numeric_limits<double>::quiet_NaN());
  std::fill(fitted.seen.begin(), fitted.seen.end(), -1);
}

Cost Preprocess::cost(const Problem& p, Dtype dtype) {
  const double rows = static_cast<double>(p.rows), element = static_cast<double>(size_of(dtype));
  const double numeric = rows * static_cast<double>(p.numeric());
  const double codes = p.pipeline.encodes() ? rows * static_cast<double>(p.categorical) * sizeof(std::int32_t) : 0;
  Cost cost{.items = rows};
  if (p.phase != Phase::apply) {
    cost.bytes_read += p.pipeline.learns() ? numeric * element : 0;
    // A difference, a sum, a product and a sum for mean and deviation, a comparison each for minimum and maximum.
    cost.flops += p.pipeline.learns() ? 6 * numeric : 0;
  }
  if (p.phase != Phase::fit) {
    cost.bytes_read += codes + numeric * element;
    cost.bytes_written += rows * static_cast<double>(p.features()) * element;
    cost.flops += 2 * static_cast<double>(p.pipeline.steps.size()) * numeric;
  }
  return cost;
}

KeyValues Preprocess::parse_size(std::string_view size) {
  std::array<std::int64_t, 2> extents{0, 8};
  const auto bad = [&] {
    return UsageError("--size " + std::string(size) +
                      ": preprocess takes ROWS, ROWSxCOLUMNS or ROWSxNUMERIC+CATEGORICAL, rows from 0 to 2^32 and "
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
  return Problem::from(shape, {}).shape();
}

Preprocess::Description Preprocess::describe(const std::filesystem::path& path) {
  Table table = read_table(path);
  Description out;
  out.shape = problem_of(table).shape();
  out.params.set("data", path.filename().string());
  out.notes = std::move(table.notes);
  return out;
}

template struct Preprocess::Input<float>;
template struct Preprocess::Output<float>;

}  // namespace overtake
