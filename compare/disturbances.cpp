// SPDX-License-Identifier: Apache-2.0
#include "compare/disturbances.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compare/statistics.h"
#include "compare/text.h"
#include "core/csv/number.h"

namespace overtake::compare {
namespace {

// From here on a median is moved by more than most differences that are looked for.
constexpr double kWaited = 0.05, kStolen = 0.02, kClockChanged = 0.05;
// A row bound by arithmetic or memory whose cores were idle for more than half of its time did something else.
constexpr double kMostlyIdle = 0.5;

struct Observed {
  std::vector<double> waited, stolen, busy;
  double throttled = 0, clock_low = 0, clock_high = 0;
};

double metric(const Row& row, std::string_view name) {
  const auto text = row.metrics.find(name);
  return text ? parse_double(*text).value_or(0) : 0;
}

// Where the bound is a wait, a server or a disk, waiting is what was to be done.
bool is_to_compute(const Row& row) {
  return !row.bound.empty() && row.bound != "latency" && row.bound != "origin" && row.bound != "disk";
}

std::map<std::string, Observed> by_cell(const Run& run) {
  std::map<std::string, Observed> cells;
  for (const Row& row : run.rows) {
    if (row.status != RowStatus::ok || row.metrics.empty()) continue;
    Observed& cell = cells[row.cell().name()];
    if (row.metrics.contains("runqueue_wait")) cell.waited.push_back(metric(row, "runqueue_wait"));
    if (row.metrics.contains("steal")) cell.stolen.push_back(metric(row, "steal"));
    cell.throttled = std::max(cell.throttled, metric(row, "throttled_seconds"));
    if (const double low = metric(row, "clock_hz_low"); low > 0)
      cell.clock_low = cell.clock_low > 0 ? std::min(cell.clock_low, low) : low;
    cell.clock_high = std::max(cell.clock_high, metric(row, "clock_hz_high"));
    // A cold start mostly starts, and what it spawns is no thread of its process.
    if (is_to_compute(row) && row.scope == Scope::kernel && row.seconds && row.cpu_seconds && *row.seconds > 0)
      cell.busy.push_back(*row.cpu_seconds / *row.seconds /
                          static_cast<double>(std::max<std::int64_t>(1, row.workers.value_or(1))));
  }
  return cells;
}

// "3 cells, worst matmul/..: 12 %"
class Worst {
 public:
  void add(const std::string& cell, double value) {
    ++count_;
    if (value <= worst_) return;
    worst_ = value;
    cell_ = cell;
  }
  std::string sentence(std::string_view what) const {
    if (count_ == 0) return "";
    return fmt::format("{} in {}; worst {}: {}.", what, count_text(count_, "cell"), printable(cell_, 120),
                       percent_text(worst_));
  }

 private:
  std::size_t count_ = 0;
  double worst_ = 0;
  std::string cell_;
};

}  // namespace

std::vector<std::string> disturbances(const Run& run) {
  Worst waited, stolen, throttled, clock;
  std::vector<std::string> sentences;
  std::vector<std::string> idle;
  for (const auto& [name, cell] : by_cell(run)) {
    if (!cell.waited.empty() && median(cell.waited) > kWaited) waited.add(name, median(cell.waited));
    if (!cell.stolen.empty() && median(cell.stolen) > kStolen) stolen.add(name, median(cell.stolen));
    if (cell.throttled > 0) throttled.add(name, cell.throttled);
    if (cell.clock_low > 0 && cell.clock_high / cell.clock_low - 1 > kClockChanged)
      clock.add(name, cell.clock_high / cell.clock_low - 1);
    if (!cell.busy.empty() && median(cell.busy) < kMostlyIdle)
      idle.push_back(
          fmt::format("{} ({} of its workers' time)", printable(name, 120), percent_text(median(cell.busy))));
  }
  for (const std::string& sentence :
       {waited.sentence("Threads stood ready without a core (other programs were running)"),
        stolen.sentence("The hypervisor gave cores to others"), throttled.sentence("The CPU quota stopped threads"),
        clock.sentence("The clock changed")})
    if (!sentence.empty()) sentences.push_back(sentence);
  if (!idle.empty()) sentences.push_back("Mostly waited instead of computing: " + list_text(idle) + ".");
  return sentences;
}

}  // namespace overtake::compare
