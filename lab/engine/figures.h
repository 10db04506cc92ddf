// SPDX-License-Identifier: Apache-2.0
// The rows of one lab as medians: what its explanation is made from, right after measuring and from a CSV alike.
#pragma once

#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/results/row.h"

namespace overtake::lab {

/// A figure that an explanation needs is not among the rows; the message names it.
struct MissingFigure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Figures {
 public:
  /// Rows of one lab and one run. `metrics` of each says the cores that were allowed.
  explicit Figures(std::span<const Row> rows);

  /// Physical cores that the run could use. Throws MissingFigure where no row says it.
  int cores() const;
  /// Logical CPUs: threads run at once where there are several.
  int cpus() const;
  /// Median of the samples' seconds. `condition`: "key=value" of params or shape, where the variant has several. Throws
  /// MissingFigure.
  double seconds(std::string_view variant, int workers, std::string_view condition = "") const;
  bool has(std::string_view variant, int workers, std::string_view condition = "") const;
  /// A metric of every sample, those without seconds (wrong, failed) too; empty where there is none.
  std::vector<double> metric(std::string_view variant, int workers, std::string_view key,
                             std::string_view condition = "") const;
  /// Samples of one case that ended in this way.
  std::size_t count(std::string_view variant, int workers, RowStatus status, std::string_view condition = "") const;
  /// The workers that a variant was timed or tried with, ascending.
  std::vector<int> workers(std::string_view variant, std::string_view condition = "") const;
  /// Why a case was skipped or has no time; empty where it was neither.
  std::string reason(std::string_view variant, int workers, std::string_view condition = "") const;

 private:
  int integer_of_any(std::string_view metric) const;
  std::vector<const Row*> rows_of(std::string_view variant, int workers, std::string_view condition) const;

  std::vector<Row> rows_;
};

}  // namespace overtake::lab
