// SPDX-License-Identifier: Apache-2.0
// Summarising in parts that may run at once: each worker gathers what some rows show, then figures follow from all
// parts. For the variants serial, openmp and processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/workload/statistics.h"
#include "core/workload/summarize.h"
#include "cpu/summarize/engine/kernels.h"
#include "cpu/table/select.h"
#include "cpu/table/shares.h"

namespace overtake {

/// Of each category of one categorical column: its rows, and sums and counts of every numeric column.
struct Groups {
  std::vector<std::int64_t> rows;
  std::vector<double> sums, counts;  // category x numeric
};

/// What some rows show in one reading.
struct Found {
  std::vector<Statistics> columns;     // of the numeric columns
  std::vector<Bracketed> bracketed;    // of each quartile of each numeric column
  std::vector<std::int64_t> at_least;  // of each inner edge of a bin of each numeric column
  std::vector<Products> products;      // of each pair of groups of numeric columns
  std::vector<Groups> groups;          // of each categorical column, empty where another share has it
};

class Summarizer {
 public:
  using Task = std::function<void(std::int64_t)>;
  /// Calls the task with 0 to count - 1, possibly at once.
  using Each = std::function<void(std::int64_t count, const Task&)>;
  static void one_by_one(std::int64_t count, const Task& task);

  /// Figures go to `answer`; a second reading takes extremes from there.
  Summarizer(const Summarize::Problem& problem, const TableView<float>& table, const Summarize::Answer& answer,
             std::vector<RowShare> shares);

  /// All of it.
  void run(const Each& each);

  // Or step by step, where parts are gathered elsewhere: for each reading, prepare(), gather() of all shares, finish().

  std::size_t readings() const { return readings_.size(); }
  std::size_t shares() const { return shares_.size(); }
  /// What everyone who gathers or finishes needs, the same for all.
  void prepare(std::size_t reading, const Each& each);
  /// Calls may run at once.
  Found gather(std::size_t reading, std::size_t share) const;
  /// `parts`: of all shares; what they hold may be moved from.
  void finish(std::size_t reading, std::span<Found> parts, const Each& each) const;

 private:
  // The histogram's edges follow from a first reading; the rest needs one, the last.
  struct Reading {
    bool moments = false, order = false, products = false, groups = false;
  };

  std::size_t width() const { return static_cast<std::size_t>(table_.numeric.rows); }
  std::span<const float> column(std::size_t j) const;
  ColumnGroup group_at(std::size_t group, std::int64_t first) const;
  bool gathers_groups(std::size_t categorical, std::size_t share) const;
  void gather_order(std::size_t j, const float* piece, std::int64_t rows, Found&) const;
  void gather_products(std::int64_t first, std::int64_t last, Found&) const;
  void finish_moments(std::size_t j, std::span<const Found> parts) const;
  void finish_quartile(std::size_t at, std::span<Found> parts) const;
  void finish_histogram(std::size_t j, std::span<const Found> parts) const;
  void finish_correlations(std::span<const Found> parts, const Each& each) const;
  void finish_groups(std::span<const Found> parts) const;

  Summarize::Problem problem_;
  TableView<float> table_;
  Summarize::Answer answer_;
  std::vector<RowShare> shares_;
  std::vector<Reading> readings_;
  std::vector<Bracket> brackets_;  // of each quartile of each numeric column
  std::vector<float> thresholds_;  // of each inner edge of a bin of each numeric column
  std::vector<double> near_;       // of each numeric column
};

}  // namespace overtake
