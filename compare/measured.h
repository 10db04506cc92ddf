// SPDX-License-Identifier: Apache-2.0
// The rows of a run gathered by cell: what summaries and comparisons work on.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compare/statistics.h"
#include "core/results/row.h"

namespace overtake::compare {

/// All rows of one cell in one run.
struct Measured {
  Cell cell;
  Strategy strategy = Strategy::serial;
  std::string library;
  /// ok: `seconds` holds every sample, and no answer was wrong. One bad row spoils the cell: no time stands for it.
  RowStatus status = RowStatus::skipped;
  std::string reason;  // where status is not ok
  Processes seconds;
  std::optional<std::int64_t> workers;  // that really took part
  std::optional<double> flops, bytes;
  std::string bound;
  std::optional<double> ceiling_fraction;  // median
  std::string check_method;
  bool verified = false;  // every sample's answer was checked

  bool is_ok() const { return status == RowStatus::ok; }
  double median() const { return median_of_processes(seconds); }
  std::vector<double> all_samples() const;
  /// "openmp with 2 workers"; serial and GPU variants without the number.
  std::string way() const;
  /// "2", or "2 (all)" where all were asked for.
  std::string workers_text() const;
};

/// Equal for cells that may be compared: every field, with shape and params in any order.
std::string key_of(const Cell&);

/// In the order of their first rows. Rows of several programs that measured the same cell are different processes, even
/// where their numbers are equal: within one process `sample` only grows.
std::vector<Measured> measured_cells(const std::vector<Row>& rows);

/// The best rate that each ceiling reached in a run, in flops or bytes per second.
class Ceilings {
 public:
  explicit Ceilings(const std::vector<Measured>& cells);
  /// Of the ceiling that bounds `cell` (a ceiling's own for a ceiling); nothing where it was not measured.
  std::optional<double> best_for(const Measured& cell) const;

 private:
  std::map<std::string, double> best_;
};

}  // namespace overtake::compare
