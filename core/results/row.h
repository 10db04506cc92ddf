// SPDX-License-Identifier: Apache-2.0
// One row of a results CSV: one sample, or one cell that was skipped and why. Written by the benchmark programs, read
// by show and compare. docs/results-format.md says what each column means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/cell.h"
#include "core/error.h"
#include "core/key_values.h"

namespace overtake {

enum class RowStatus { ok, skipped, wrong, implausible, failed };

std::string_view to_string(RowStatus);
/// Throws UsageError that lists the words it takes.
RowStatus parse_row_status(std::string_view);

/// The columns in the order of the file. Empty text and std::nullopt are empty cells: missing.
struct Row {
  std::int64_t schema_version = 1;
  std::string run_id, system_id;
  std::string utc;  // ISO 8601, "2026-11-21T07:15:24Z": when the sample ended
  std::string git_revision;
  std::string workload, variant;
  Strategy strategy = Strategy::serial;
  std::string library;  // of a yardstick, with its version
  Dtype dtype = Dtype::none;
  Scope scope = Scope::kernel;
  KeyValues shape, params;  // asked for
  Workers workers_asked;
  std::optional<std::int64_t> workers, hosts, gpus;  // that really took part
  std::optional<std::int64_t> process;               // samples of one process share it
  std::optional<std::int64_t> sample;                // from 0, within cell and process
  std::optional<std::int64_t> iterations;            // that the sample averages over
  std::optional<double> seconds;                     // per iteration, wall clock
  std::optional<double> cpu_seconds;                 // per iteration, of all workers
  std::optional<double> flops, bytes;                // per iteration
  std::string bound;                                 // the ceiling that bounds this cell
  std::optional<double> ceiling_fraction;            // rate / best sample of that ceiling in this run
  std::string check_method;
  std::optional<double> check_error, check_tolerance;
  KeyValues metrics;  // observed, never part of a key
  RowStatus status = RowStatus::ok;
  std::string status_reason;

  /// What comparisons match rows on.
  Cell cell() const;
  friend bool operator==(const Row&, const Row&) = default;
};

/// The header of a results CSV.
std::span<const std::string_view> column_names();

/// One text per column, in the order of column_names().
std::vector<std::string> to_fields(const Row&);

/// A cell that cannot be read; `column` is its index in column_names().
struct CellError : UsageError {
  CellError(std::size_t column_index, const std::string& message) : UsageError(message), column(column_index) {}
  std::size_t column;
};

/// The inverse of to_fields(). Throws CellError, whose message names the column and shows the cell, where a cell is not
/// of its column's kind, schema_version is not 1, a count or time is negative, or a row with status ok has no seconds.
Row row_from_fields(std::span<const std::string> fields);

/// Reads the rows of a file one after another. A cell with the same text as in the row before is not read again, and
/// most cells are such: this takes a third of the time of row_from_fields().
class RowParser {
 public:
  /// As row_from_fields(). The row holds until the next call; after an exception the parser is of no more use.
  const Row& parse(std::span<const std::string_view> fields);

 private:
  Row row_;
  std::vector<std::string> texts_;  // that row_ was read from
};

}  // namespace overtake
