// SPDX-License-Identifier: Apache-2.0
// The rows of a run gathered by cell: what summaries and comparisons work on.
#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "compare/statistics.h"
#include "core/results/reader.h"

namespace overtake::compare {

/// The variant that the others of a workload are measured against; "": none, its cells are figures by themselves. A
/// workload that is not named (a user's own commands) has the first variant of its rows.
using Baselines = std::map<std::string, std::string, std::less<>>;

/// What is compared. All are costs to a comparison: the ratio of rates is turned round when it is shown.
enum class Metric { seconds, cpu_seconds, rate };
std::string_view to_string(Metric);
/// Throws UsageError that lists the words it takes.
Metric parse_metric(std::string_view);

/// All rows of one cell in one run.
struct Measured {
  Cell cell;
  Strategy strategy = Strategy::serial;
  std::string library;
  /// ok: `seconds` holds every sample, and no answer was wrong. One bad row spoils the cell: no time stands for it.
  RowStatus status = RowStatus::skipped;
  std::string reason;                   // where status is not ok
  Processes seconds, cpu_seconds;       // cpu_seconds: empty unless every sample has them
  std::optional<std::int64_t> workers;  // that really took part
  std::optional<double> flops, bytes;
  std::string bound;
  std::optional<double> ceiling_fraction;  // median
  std::string check_method;
  bool verified = false;  // every sample's answer was checked

  bool is_ok() const { return status == RowStatus::ok; }
  /// Whether flops or bytes are known, so that there is a rate.
  bool has_work() const { return flops.value_or(0) > 0 || bytes.value_or(0) > 0; }
  double median() const { return median_of_processes(seconds); }
  std::vector<double> all_samples() const;
  /// Seconds of one kind or the other, or seconds per flop (per byte where there are no flops) for the rate; empty
  /// where the run does not hold them.
  Processes costs(Metric) const;
  /// "openmp with 2 workers"; serial and GPU variants without the number.
  std::string way() const;
  /// "2", or "2 (all)" where all were asked for.
  std::string workers_text() const;
};

/// One of the two rows of a cell that is timed twice.
bool is_aa(const Cell&);

/// Equal for cells that may be compared: every field, with shape and params in any order.
std::string key_of(const Cell&);

/// Where a cell stands in tables: by workload (ceilings last), dtype, scope, params, size (the product of the shape's
/// numbers), strategy, yardsticks behind ours, variant and workers. Runs interleave cells, so the order of rows is
/// none.
using Place =
    std::tuple<bool, std::string, Dtype, Scope, std::string, double, std::string, Strategy, bool, std::string, int>;
Place place_of(const Measured&);

/// `items` in the order of their places; each place is computed once.
template <class T, class PlaceOf>
std::vector<T> sorted_by_place(std::vector<T> items, PlaceOf place) {
  std::vector<Place> places;
  std::vector<std::size_t> order;
  places.reserve(items.size());
  order.reserve(items.size());
  for (const T& item : items) {
    order.push_back(order.size());
    places.push_back(place(item));
  }
  std::ranges::stable_sort(order, {}, [&](std::size_t i) -> const Place& { return places[i]; });
  std::vector<T> sorted;
  sorted.reserve(items.size());
  for (const std::size_t i : order) sorted.push_back(std::move(items[i]));
  return sorted;
}

/// In the order of their places. Rows of several programs that measured the same cell are different processes, even
/// where their numbers are equal: within one process `sample` only grows.
std::vector<Measured> measured_cells(const std::vector<Row>& rows);

/// A run by cells instead of by rows.
struct MeasuredRun {
  std::string label;
  nlohmann::ordered_json system;
  std::string system_id, git_revision;  // of its rows; several joined by ", "
  std::vector<Measured> cells;
  std::vector<std::string> notes;  // of its reader
};
MeasuredRun measured_run(const Run&);
/// Reads the run (as read_run does) without keeping its rows: a million of them take some 0.3 GB by cells, 1 GB by
/// rows.
MeasuredRun measured_run(const std::filesystem::path& folder_or_csv);

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
