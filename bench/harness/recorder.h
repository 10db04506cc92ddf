// SPDX-License-Identifier: Apache-2.0
// Turns samples into rows. Rows of a group wait until its end, when the ceilings timed among them are known; an
// interruption writes what is there.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/ceilings.h"
#include "bench/harness/timing.h"
#include "core/results/row.h"
#include "core/results/writer.h"

namespace overtake::bench {

struct RunInfo {
  std::string run_id, system_id;
  int process = 0;
  bool extends = false;  // rows are added to those of the same run
};

class Recorder {
 public:
  /// `csv`: nullopt keeps nothing but the outcome.
  Recorder(const std::optional<std::filesystem::path>& csv, RunInfo);

  void skipped(const Cell&, const std::string& reason);
  void failed(const Cell&, RowStatus, const std::string& reason, const Check&);
  void sample(const CellTimer&, const Sample&);
  /// What bounds a cell beside ceilings; the least of all calls counts.
  void bound(const Cell&, const std::vector<LeastTime>&);
  /// Cells of this group with a sample faster than their ceilings allow, as far as these are known.
  std::vector<Cell> implausible() const;
  /// Writes the group's rows with their share of the ceilings.
  void end_group();
  /// Completes the file. Also called by the thread that watches for Ctrl-C: later calls of others never return rows.
  void finish();

  bool all_good() const { return all_good_; }
  /// One line for each cell that was wrong, implausible or failed.
  std::vector<std::string> complaints() const { return complaints_; }

 private:
  struct Waiting;
  Row row_of(const Cell&) const;
  Ceilings::Share share_of(const Waiting&) const;
  void write_group();
  void write(const Row&);
  void complain(const Row&);

  struct Waiting {
    Row row;
    Cell cell;
    Cost cost;  // of one run
    double calls;
  };
  mutable std::mutex mutex_;
  RunInfo info_;
  std::optional<ResultsWriter> writer_;
  Ceilings ceilings_;
  std::map<std::string, std::map<std::string, double>> least_times_;  // by cell and bound
  std::vector<Waiting> waiting_;
  std::map<std::string, std::int64_t> samples_;
  std::vector<std::string> complaints_;
  bool all_good_ = true;
};

}  // namespace overtake::bench
