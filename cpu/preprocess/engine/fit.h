// SPDX-License-Identifier: Apache-2.0
// Fitting, in parts that may run at once: each worker gathers what some rows show, and one finishes. For the variants
// serial, openmp and processes.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "core/workload/fit_rounds.h"
#include "core/workload/preprocess.h"
#include "cpu/preprocess/engine/kernels.h"
#include "cpu/table/select.h"

namespace overtake {

/// How often values occur, in their order.
using Occurrences = std::vector<std::pair<float, std::int64_t>>;

/// What some rows show in one round.
struct Gathered {
  std::vector<Statistics> columns;     // of the numeric columns
  std::vector<std::int32_t> seen;      // of the categories: 1 where these rows have it
  std::vector<Bracketed> bracketed;    // of the numeric columns, where the round asks for a median
  std::vector<Occurrences> occurring;  // of the numeric columns, where it asks for the most frequent value
};

class Fit {
 public:
  /// Parameters go to `fitted`.
  Fit(const Pipeline& pipeline, const TableView<float>& table, const Fitted& fitted);

  /// Sets what needs no reading. To be called once, before the first round, not by everyone who gathers.
  void start();

  /// Readings of the table, one after another: gather() of all rows, then finish().
  std::size_t rounds() const { return rounds_.size(); }
  /// Of rows [first, last). Calls may run at once.
  Gathered gather(std::size_t round, std::int64_t first, std::int64_t last) const;
  /// `parts` together are all rows; what they hold may be moved from.
  void finish(std::size_t round, std::span<Gathered> parts);

 private:
  StepKind kind_of(std::size_t round) const { return pipeline_.steps[rounds_[round].first].kind; }
  std::vector<Operation> operations_before(std::size_t round, std::int64_t column) const;
  Bracket bracket_of(std::size_t round, std::int64_t column) const;
  void gather_column(std::size_t round, std::size_t column, std::int64_t first, std::int64_t last, Gathered&) const;
  void gather_categories(std::int64_t first, std::int64_t last, std::vector<std::int32_t>& seen) const;
  double middle_of(std::size_t round, std::size_t column, std::span<Gathered> parts, std::int64_t count) const;
  void fit_step_by_step(std::size_t column);

  Pipeline pipeline_;
  TableView<float> table_;
  Fitted fitted_;
  std::vector<Round> rounds_;  // an empty one at the end where only categories are to be read
  std::vector<bool> done_;     // columns whose parameters of all steps are known
};

}  // namespace overtake
