// SPDX-License-Identifier: Apache-2.0
// Figures that nobody measured, so that an explanation can be shown any outcome.
#pragma once

#include <string>
#include <vector>

#include "lab/lab.h"

namespace overtake::lab {

class MadeUp {
 public:
  explicit MadeUp(int cores = 2) : MadeUp(cores, cores) {}
  MadeUp(int cores, int cpus) : cores_(cores), cpus_(cpus) {}

  /// Three samples around `seconds`. `condition`: "key=value" of params, or nothing.
  MadeUp& add(const std::string& variant, int workers, double seconds, const std::string& condition = "",
              const KeyValues& metrics = {}) {
    for (const double factor : {0.99, 1.0, 1.05})
      add_row(variant, workers, condition, metrics).seconds = factor * seconds;
    return *this;
  }
  /// A sample without a time.
  MadeUp& add_bad(const std::string& variant, int workers, RowStatus status, const KeyValues& metrics) {
    add_row(variant, workers, "", metrics).status = status;
    return *this;
  }
  MadeUp& skip(const std::string& variant, int workers, const std::string& condition, const std::string& reason) {
    Row& row = add_row(variant, workers, condition, {});
    row.status = RowStatus::skipped;
    row.status_reason = reason;
    return *this;
  }
  Figures figures() const { return Figures(rows_); }

 private:
  Row& add_row(const std::string& variant, int workers, const std::string& condition, const KeyValues& metrics) {
    Row row;
    row.variant = variant;
    row.workers_asked.count = workers;
    row.params = KeyValues::parse(condition);
    row.metrics = metrics;
    row.metrics.set("cores", std::int64_t{cores_});
    row.metrics.set("cpus", std::int64_t{cpus_});
    return rows_.emplace_back(std::move(row));
  }

  int cores_, cpus_;
  std::vector<Row> rows_;
};

/// What a lab says of figures.
inline Explanation explanation_of(const char* lab, const MadeUp& made_up) {
  return explained(find_lab(lab), made_up.figures());
}

}  // namespace overtake::lab
