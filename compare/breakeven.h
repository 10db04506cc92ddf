// SPDX-License-Identifier: Apache-2.0
// Break-even points: from which size on one way of doing a workload overtakes another, and, of two that load their data
// first, from how many calls on the same data. For `overtake show --breakeven` and for the search that measures.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compare/calls.h"
#include "compare/measured.h"
#include "compare/series.h"

namespace overtake::compare {

/// A variant as it is named on the command line: "serial", "openmp:2", "openmp:all".
struct Way {
  std::string variant;
  std::optional<Workers> workers;  // not given: all where they were measured, otherwise the only number there is
  /// Throws UsageError.
  static Way parse(std::string_view text);
  std::string to_string() const;
};
struct WayPair {
  Way a, b;
  /// "A,B"; throws UsageError where there are not two, or twice the same.
  static WayPair parse(std::string_view text);
};

/// Both ways at one size.
struct SizePoint {
  double size = 0;         // the number that grows
  std::string name;        // "m=n=k=256"
  std::string short_name;  // "256"
  KeyValues shape;
  double seconds_a = 0, seconds_b = 0;  // medians
  Ratio ratio;                          // of b over a: below 1, b is faster
  Side faster = Side::neither;          // surely
};

/// A stretch of sizes within which the faster way changes, or is not sure.
struct Crossing {
  double low = 0, high = 0;
  std::optional<double> estimate;  // where the curve through the estimates crosses; of several, the one in the middle
  Side before = Side::neither;     // who is surely faster below `low`; neither: the range measured begins at `low`
  Side after = Side::neither;      // and above `high`
  /// One surely overtakes the other: [low, high] is the interval of the break-even point.
  bool is_sure() const { return before != Side::neither && after != Side::neither && before != after; }
};

/// Two ways over the sizes of one family (series.h) in one scope.
struct BreakEven {
  std::string workload;
  Dtype dtype = Dtype::none;
  Scope scope = Scope::kernel;
  KeyValues params;
  std::string fixed;              // what does not grow: "cols=8"
  std::string axis;               // what grows: "m=n=k", "rows"
  std::string a, b;               // "openmp with 2 workers"
  Workers workers_a, workers_b;   // asked for
  std::vector<SizePoint> points;  // smallest first
  std::vector<Crossing> crossings;
  std::vector<std::string> notes;  // sizes left out and why, answers that nobody checked
  /// Faster over the whole range measured, without any crossing.
  Side always() const { return crossings.empty() && !points.empty() ? points.front().faster : Side::neither; }
};

struct BreakEvens {
  WayPair ways;
  double confidence = 0.95;
  std::vector<BreakEven> by_size;
  std::vector<CallsBreakEven> by_calls;
  bool empty() const { return by_size.empty() && by_calls.empty(); }
};

/// For every workload, dtype, scope and set of parameters in which both were measured at a common size: logarithms of
/// the Hodges-Lehmann ratio over logarithms of the size, with a band (crossing.h) that is at least as wide as the
/// workload's noise floor. Throws UsageError that lists what the run has where it does not have one of the two, and
/// where it has one with several numbers of workers and none was named.
BreakEvens break_evens(const std::vector<Measured>& cells, const WayPair&, double confidence = 0.95);

std::string break_evens_text(const BreakEvens&);
nlohmann::ordered_json break_evens_json(const BreakEvens&);

}  // namespace overtake::compare
