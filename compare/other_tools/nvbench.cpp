// SPDX-License-Identifier: Apache-2.0
// The part of other_tools.h that reads nvbench's CSV: a line for each state of a benchmark, its axes as columns.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>
#include <set>

#include "compare/other_tools/other_tools.h"
#include "compare/other_tools/rows.h"
#include "compare/text.h"
#include "core/csv/number.h"
#include "core/csv/reader.h"

namespace overtake::compare {
namespace {

constexpr std::string_view kNvbench = "nvbench";

// A column that holds a mean time, and what it is a time of.
struct TimeColumn {
  std::string_view header;
  Scope scope;
  std::string_view measured;  // "": isolated runs; batch: many in a row
};
constexpr std::array<TimeColumn, 3> kTimes = {{{"GPU Time (sec)", Scope::device, ""},
                                               {"CPU Time (sec)", Scope::reported, ""},
                                               {"Batch GPU (sec)", Scope::device, "batch"}}};

// Figures of nvbench's own that have no unit in their header.
bool is_figure(const std::string& header) {
  static const std::set<std::string, std::less<>> kFigures = {"Samples", "Noise", "BWUtil", "Elem/s", "GlobalMem BW"};
  return kFigures.contains(header) || header.ends_with(')');
}

class NvbenchReader {
 public:
  NvbenchReader(std::string_view text, std::string name) : csv_(text, name), name_(std::move(name)) {}

  Imported read() {
    if (!csv_.next(header_)) throw UsageError(name_ + ": is empty");
    read_header();
    out_.tool = kNvbench;
    while (csv_.next(cells_)) add_line();
    if (out_.rows.empty()) throw UsageError(name_ + ": holds no line of a benchmark");
    if (!devices_.empty()) {
      out_.identity = fmt::format("{}", fmt::join(devices_, " + "));
      out_.system["accelerator_model_name"] = out_.identity;
    }
    return std::move(out_);
  }

 private:
  std::optional<std::size_t> column(std::string_view title) const {
    for (std::size_t i = 0; i < header_.size(); ++i)
      if (header_[i] == title) return i;
    return std::nullopt;
  }

  void read_header() {
    for (const char* needed : {"Benchmark", "Skipped"})
      if (!column(needed))
        throw csv_.error(0, fmt::format("column '{}' is missing: this is no CSV of nvbench", needed));
    bool has_time = false;
    for (const TimeColumn& time : kTimes) has_time = has_time || column(time.header);
    if (!has_time)
      throw csv_.error(0, "no column holds times: expected 'GPU Time (sec)', 'CPU Time (sec)' or 'Batch GPU (sec)'");
    const std::size_t skipped = *column("Skipped");
    for (std::size_t i = 0; i < header_.size(); ++i) {
      const std::string& title = header_[i];
      if (title == "Benchmark" || title == "Device" || title == "Device Name" || i == skipped) continue;
      if (title.empty() || title.ends_with(" (pow2)") || (i > skipped && is_figure(title))) continue;
      axes_.push_back(i);
      if (i > skipped)
        out_.notes.push_back(fmt::format("{}: column '{}' is taken for an axis", name_, printable(title)));
    }
  }

  void add_line() {
    Row row = reported_row(kNvbench);
    row.variant = cells_[*column("Benchmark")];
    row.strategy = Strategy::gpu;
    row.workers_asked = {1};
    if (const auto device = column("Device"); device && !cells_[*device].empty())
      row.params.set("device", cells_[*device]);
    if (const auto device = column("Device Name"); device && !cells_[*device].empty()) devices_.insert(cells_[*device]);
    for (const std::size_t axis : axes_)
      if (!cells_[axis].empty())
        (parse_double(cells_[axis]) ? row.shape : row.params).set(header_[axis], std::string_view(cells_[axis]));
    if (cells_[*column("Skipped")] != "No") {
      row.scope = Scope::device;
      row.status = RowStatus::skipped;
      row.status_reason = "nvbench skipped it";
      row.check_method.clear();
      out_.rows.push_back(std::move(row));
      return;
    }
    const std::size_t before = out_.rows.size();
    for (const TimeColumn& time : kTimes)
      if (const auto at = column(time.header); at && !cells_[*at].empty()) add_time(row, time, *at);
    if (out_.rows.size() == before) throw csv_.error(*column("Benchmark"), "this line has no time");
  }

  void add_time(Row row, const TimeColumn& time, std::size_t at) {
    const auto seconds = parse_double(cells_[at]);
    if (!seconds || !std::isfinite(*seconds) || *seconds < 0)
      throw csv_.error(
          at, fmt::format("'{}' in column '{}' is no time in seconds", printable(cells_[at], 60), time.header));
    row.seconds = seconds;
    row.scope = time.scope;
    if (time.scope == Scope::reported) row.strategy = Strategy::gpu;
    if (!time.measured.empty()) row.params.set("measured", time.measured);
    // The number of samples that are averaged stands left of its time.
    for (std::size_t i = at; i-- > 0;)
      if (header_[i] == "Samples") {
        if (const auto count = parse_integer(cells_[i]); count && *count > 0) row.iterations = count;
        break;
      }
    if (at + 1 < cells_.size() && header_[at + 1] == "Noise (%)")
      if (const auto noise = parse_double(cells_[at + 1])) row.metrics.set("noise", *noise);
    if (const auto rate = column("GlobalMem BW (bytes/sec)");
        rate && time.scope == Scope::device && time.measured.empty())
      if (const auto bytes = parse_double(cells_[*rate]); bytes && *bytes > 0) row.bytes = *bytes * *seconds;
    out_.rows.push_back(std::move(row));
  }

  CsvReader csv_;
  std::string name_;
  std::vector<std::string> header_, cells_;
  std::vector<std::size_t> axes_;
  std::set<std::string> devices_;
  Imported out_;
};

}  // namespace

Imported parse_nvbench(std::string_view text, const std::string& name) { return NvbenchReader(text, name).read(); }

}  // namespace overtake::compare
