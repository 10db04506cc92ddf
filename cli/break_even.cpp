// SPDX-License-Identifier: Apache-2.0
#include "cli/break_even.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "cli/launch.h"
#include "compare/breakeven.h"
#include "core/results/reader.h"

namespace overtake::cli {
namespace {

using bench::PlannedCell;

constexpr int kMostSteps = 8;     // halvings: sizes a factor 4 apart end within 1 %
constexpr double kNarrow = 1.05;  // an interval whose ends differ by less is an answer
constexpr const char* kCalls[] = {"1", "10", "100"};

// The shape with another size: "m=n=k" names the numbers that grow together.
KeyValues with_size(KeyValues shape, const std::string& axis, std::int64_t size) {
  for (std::size_t at = 0; at <= axis.size();) {
    const std::size_t end = std::min(axis.find('=', at), axis.size());
    shape.set(axis.substr(at, end - at), size);
    at = end + 1;
  }
  return shape;
}

class Search {
 public:
  Search(const RunArguments& arguments, const RunPlan& plan, const Place& place)
      : arguments_(arguments), plan_(plan), place_(place), ways_(compare::WayPair::parse(*arguments.breakeven)) {
    for (const PlannedCell& planned : plan.cells) known_.insert(planned.cell.name());
  }

  Status run() {
    Status status = measure(arguments_, plan_, place_);
    for (int step = 0; step < kMostSteps && goes_on(status); ++step) {
      const auto cells = middles();
      if (cells.empty()) break;
      status = worst(status, measure_more(cells));
    }
    if (goes_on(status)) status = worst(status, measure_more(calls()));
    fmt::print("{}\n", compare::break_evens_text(evens()));
    return status;
  }

 private:
  static bool goes_on(Status status) { return status != Status::usage && !interrupted(); }

  compare::BreakEvens evens() const {
    return compare::break_evens(compare::measured_cells(read_run(place_.folder).rows), ways_);
  }

  Status measure_more(const std::vector<PlannedCell>& cells) {
    if (cells.empty()) return Status::good;
    RunPlan more = plan_;
    more.cells = cells;
    more.has_twins = false;
    return measure(arguments_, more, place_);
  }

  // Both ways of the plan in this scope, at another shape.
  void add(std::vector<PlannedCell>& cells, const compare::BreakEven& even, const KeyValues& shape,
           const std::string& calls = "") {
    for (const PlannedCell& planned : plan_.cells) {
      Cell cell = planned.cell;
      if (!planned.skip.empty() || cell.scope != even.scope || cell.dtype != even.dtype || cell.params != even.params)
        continue;
      cell.shape = shape;
      if (!calls.empty()) cell.params.set(kCallsParam, std::string_view(calls));
      if (known_.insert(cell.name()).second) cells.push_back(bench::planned(cell));
    }
  }

  // For every crossing that is still wide: the size in the middle of it, on a logarithmic scale.
  std::vector<PlannedCell> middles() {
    std::vector<PlannedCell> cells;
    for (const compare::BreakEven& even : evens().by_size)
      for (const compare::Crossing& crossing : even.crossings) {
        if (!crossing.estimate || crossing.high / crossing.low <= kNarrow) continue;
        const auto size = static_cast<std::int64_t>(std::llround(std::sqrt(crossing.low * crossing.high)));
        add(cells, even, with_size(even.points.front().shape, even.axis, size));
      }
    return cells;
  }

  std::vector<PlannedCell> calls() {
    std::vector<PlannedCell> cells;
    for (const compare::BreakEven& even : evens().by_size)
      if (even.scope == Scope::end_to_end && !even.points.empty())
        for (const char* count : kCalls) add(cells, even, even.points.back().shape, count);
    return cells;
  }

  const RunArguments& arguments_;
  const RunPlan& plan_;
  const Place& place_;
  const compare::WayPair ways_;
  std::set<std::string> known_;
};

}  // namespace

RunArguments narrowed_to_ways(const RunArguments& arguments) {
  const auto ways = compare::WayPair::parse(*arguments.breakeven);
  if (arguments.commands.empty() && arguments.workloads.size() != 1)
    throw UsageError("--breakeven " + *arguments.breakeven +
                     ": name one workload, as in: overtake run matmul --breakeven " + *arguments.breakeven);
  if (!arguments.variants.empty()) throw UsageError("--breakeven names the variants itself: leave out --variant");
  if (arguments.budget) throw UsageError("--breakeven and --budget exclude each other");
  RunArguments narrowed = arguments;
  if (arguments.commands.empty()) {
    narrowed.variants = {ways.a.variant};
    if (ways.b.variant != ways.a.variant) narrowed.variants.push_back(ways.b.variant);
    narrowed.quick = true;  // its sizes are a start: more follow where they are needed
    if (narrowed.scopes.empty()) narrowed.scopes = {"kernel", "end_to_end"};
    if (narrowed.dtypes.empty()) narrowed.dtypes = {"f32"};
    for (const auto* way : {&ways.a, &ways.b})
      if (way->workers) narrowed.workers.push_back(way->workers->to_string());
    if (narrowed.workers.empty()) narrowed.workers = {"all"};
  }
  return narrowed;
}

Status search_break_even(const RunArguments& arguments, const RunPlan& plan, const Place& place) {
  return Search(arguments, plan, place).run();
}

}  // namespace overtake::cli
