// SPDX-License-Identifier: Apache-2.0
// Two runs, row by row: which cells became faster or slower, how surely, and what could not be compared and why. For
// `overtake compare`.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "compare/measured.h"
#include "compare/system_difference.h"
#include "compare/verdict.h"

namespace overtake::compare {

struct ComparedCell {
  Cell cell;
  std::optional<Measured> base, other;
  Ratio ratio;  // of seconds, other / base; only where both are ok
  Verdict verdict = Verdict::missing;
  std::string why;                      // for verdicts that need a reason
  std::optional<double> ceiling_ratio;  // of the rates of its ceiling, other / base; only where both have one
  bool both_ok() const { return base && other && base->is_ok() && other->is_ok(); }
  bool both_verified() const { return both_ok() && base->verified && other->verified; }
};

struct Comparison {
  std::string base_name, other_name;      // the runs' labels
  std::string base_system, other_system;  // their system_id
  bool same_system = false;
  std::vector<ComparedCell> cells;      // in the order of their places
  std::vector<Cell> skipped_in_both;    // nothing to compare, and no reason to complain
  std::vector<Difference> differences;  // of system.json and of git_revision
  std::vector<std::string> notes;       // of both runs' readers
  Limits limits;

  std::size_t count(Verdict) const;
  /// The worst of the rows', as core/error.h orders them.
  Status status() const;
};

/// Rows match where workload, variant, dtype, scope, shape, params and workers asked for are equal. Between two runs of
/// one system a row whose ceiling moved is `machine_changed`; between systems a different ceiling is part of the
/// finding.
Comparison compare_runs(const Run& base, const Run& other, const Limits& limits = {});

/// The comparison as a table for people, at most some 110 columns wide.
std::string comparison_text(const Comparison&);

}  // namespace overtake::compare
