// SPDX-License-Identifier: Apache-2.0
// The part of other_tools.h that reads BabelStream's CSV (`omp-stream --csv`, version 3 and later).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "compare/other_tools/other_tools.h"
#include "compare/other_tools/rows.h"
#include "compare/text.h"
#include "core/csv/number.h"
#include "core/csv/reader.h"

namespace overtake::compare {
namespace {

constexpr std::string_view kBabelstream = "babelstream", kHeader = "function,";

// Arrays that each function reads and writes, as BabelStream counts them for its bandwidths.
constexpr std::array<std::pair<std::string_view, double>, 6> kArrays = {
    {{"Copy", 2}, {"Mul", 2}, {"Add", 3}, {"Triad", 3}, {"Dot", 2}, {"Nstream", 4}}};

// The table of functions behind whatever was printed first (a table of phases, the device), with an empty line for each
// line before, so that the reader still counts lines of the file.
std::string table_of(std::string_view text, const std::string& name) {
  std::string blank;
  while (!text.starts_with(kHeader)) {
    const std::size_t end = text.find('\n');
    if (end == text.npos)
      throw UsageError(name + ": has no line that starts with 'function,': this is no CSV of BabelStream");
    blank += '\n';
    text.remove_prefix(end + 1);
  }
  return blank + std::string(text);
}

class BabelstreamReader {
 public:
  BabelstreamReader(const std::string& table, const std::string& name) : csv_(table, name), name_(name) {}

  Imported read() {
    csv_.next(header_);
    out_.tool = "BabelStream";
    const bool is_triad_only = column_of("runtime") < header_.size();
    for (const char* needed :
         {"function", "num_times", "n_elements", "sizeof", is_triad_only ? "runtime" : "avg_runtime"})
      if (column_of(needed) == header_.size())
        throw csv_.error(0, fmt::format("column '{}' is missing: this is no CSV of BabelStream", needed));
    while (csv_.next(cells_)) add_line(is_triad_only);
    if (out_.rows.empty()) throw UsageError(name_ + ": holds no line of a function");
    out_.notes.push_back(
        name_ +
        ": BabelStream does not say which programming model, device and number of threads it measured: "
        "its rows say threads and all workers");
    return std::move(out_);
  }

 private:
  std::size_t column_of(std::string_view title) const {
    return static_cast<std::size_t>(std::find(header_.begin(), header_.end(), title) - header_.begin());
  }

  double number(const char* title, double least) const {
    const std::size_t at = column_of(title);
    const auto value = parse_double(cells_[at]);
    if (!value || !std::isfinite(*value) || *value < least)
      throw csv_.error(
          at, fmt::format("'{}' in column '{}' is no number from {} on", printable(cells_[at], 60), title, least));
    return *value;
  }

  void add_line(bool is_triad_only) {
    Row row = reported_row(kBabelstream);
    row.variant = cells_[column_of("function")];
    row.strategy = Strategy::threads;
    const double times = number("num_times", 1), elements = number("n_elements", 1), bytes = number("sizeof", 1);
    if (!(times < 1e15 && elements < 1e18)) throw csv_.error(0, "so many runs or elements cannot be");
    row.shape.set("n", static_cast<std::int64_t>(elements));
    row.dtype = bytes == 8 ? Dtype::f64 : bytes == 4 ? Dtype::f32 : Dtype::none;
    if (is_triad_only) {  // one time for all runs
      row.seconds = number("runtime", 0) / times;
      row.iterations = static_cast<std::int64_t>(times);
    } else {  // the first run counts for nothing
      row.seconds = number("avg_runtime", 0);
      row.iterations = std::max<std::int64_t>(1, static_cast<std::int64_t>(times) - 1);
      for (const auto& [title, key] :
           {std::pair("min_runtime", "min_seconds"), std::pair("max_runtime", "max_seconds")})
        if (column_of(title) < header_.size()) row.metrics.set(key, number(title, 0));
    }
    for (const auto& [function, arrays] : kArrays)
      if (function == row.variant) row.bytes = arrays * elements * bytes;
    out_.rows.push_back(std::move(row));
  }

  CsvReader csv_;
  std::string name_;
  std::vector<std::string> header_, cells_;
  Imported out_;
};

}  // namespace

Imported parse_babelstream(std::string_view text, const std::string& name) {
  const std::string table = table_of(text, name);
  return BabelstreamReader(table, name).read();
}

}  // namespace overtake::compare
