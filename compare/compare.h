// SPDX-License-Identifier: Apache-2.0
// Two runs, row by row: which cells became faster or slower, how surely, and what could not be compared and why. For
// `overtake compare`.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compare/matching.h"
#include "compare/measured.h"
#include "compare/system_difference.h"
#include "compare/verdict.h"

namespace overtake::compare {

struct CompareOptions {
  Dimension by;
  Metric metric = Metric::seconds;
  Limits limits;
  Baselines baselines;
};

struct ComparedCell {
  Cell cell;  // base's, or other's where base has none
  const Measured *base = nullptr, *other = nullptr;
  Processes base_costs, other_costs;  // what was compared; empty unless both are ok
  Ratio ratio;                        // of costs, other / base; only where both have them
  double corrected_p = 1;             // Holm's, over all judged rows
  double noise_floor = 0;             // the larger of both runs'
  Verdict verdict = Verdict::missing;
  std::optional<std::size_t> more_units;  // that would decide an undecided row
  std::string why;                        // for verdicts that need a reason
  std::optional<double> ceiling_ratio;    // of the rates of its ceiling, other / base; only where both have one

  bool both_ok() const { return base != nullptr && other != nullptr && base->is_ok() && other->is_ok(); }
  bool has_ratio() const { return !base_costs.empty(); }
  /// Of the shares of their ceilings, other / base: what remains of the ratio of rates when the machine moved.
  std::optional<double> share_ratio() const;
};

struct MeanOfWorkload {
  std::string workload;
  MeanRatio mean;
};

struct Comparison {
  std::shared_ptr<const MeasuredRun> base, other;
  CompareOptions options;
  bool same_system = false;
  std::vector<ComparedCell> cells;      // in the order of their places
  std::vector<MeanOfWorkload> means;    // over rows whose times may be compared
  std::vector<Cell> skipped_in_both;    // nothing to compare, and no reason to complain
  std::vector<Difference> differences;  // of system.json, of git_revision and of libraries
  std::vector<std::string> notes;       // of both runs' readers

  std::size_t count(Verdict) const;
  /// The worst of the rows', as core/error.h orders them.
  Status status() const;
};

/// Between two runs of one system a row whose ceiling moved is `machine_changed`; between systems a different ceiling
/// is part of the finding. Rows of which one side was not verified are not comparable; where nobody could check either
/// (check_method "unchecked") they are compared. Throws UsageError where `options.by` finds nothing to compare.
Comparison compare_runs(std::shared_ptr<const MeasuredRun> base, std::shared_ptr<const MeasuredRun> other,
                        const CompareOptions& = {});
Comparison compare_runs(const Run& base, const Run& other, const CompareOptions& = {});

/// The comparison as a table for people, at most some 110 columns wide.
std::string comparison_text(const Comparison&);
/// For pull requests: what changed first, then everything, folded.
std::string comparison_markdown(const Comparison&);
/// For machines; docs/methods.md describes the fields.
nlohmann::ordered_json comparison_json(const Comparison&);

}  // namespace overtake::compare
