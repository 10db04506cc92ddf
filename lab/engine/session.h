// SPDX-License-Identifier: Apache-2.0
// One run of one lab: it interleaves the lab's probes until its time is used up, and makes each sample a row of the
// results CSV. A lab's measure() is handed one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/results/row.h"
#include "core/results/writer.h"

namespace overtake::lab {

/// What one probe times: the key of its rows.
struct Case {
  std::string variant;
  int workers = 1;
  KeyValues params;
  Strategy strategy = Strategy::threads;
  Scope scope = Scope::kernel;
  KeyValues shape;
};

/// What a probe is asked for.
struct Ask {
  std::int64_t times;  // how often the action is to be done; 1 unless the probe repeats
  double seconds;      // what one sample may take, for probes that run for a time instead
};

/// One sample.
struct Timed {
  double seconds = 0;  // of all times together, wall clock
  std::optional<double> cpu_seconds;
  std::optional<std::int64_t> times;  // how often it was done, where the probe decides that and not Ask
  double error = 0;                   // of the check: anything but 0 is wrong, and no time is kept
  std::string failure;                // why it could not be run to its end; then no time is kept either
  KeyValues metrics;
};

struct Probe {
  Case what;
  std::string check;  // how the answer is proven right
  std::function<Timed(const Ask&)> run;
  bool repeats = true;    // the action is short: it is done as often as fits the time of a sample
  bool may_fail = false;  // the lab shows what goes wrong: that is its result, and no failure of the run
};

/// What this process may use.
struct Machine {
  int cores = 1;  // physical ones
  int cpus = 1;   // logical ones: a core with SMT has several
};

/// What stands in every row.
struct RunInfo {
  std::string run_id, system_id, git_revision;
};

class Session {
 public:
  /// `seconds`: what measuring may take; a round of every probe is always completed. `writer` may be null (nothing is
  /// written) and must outlive the session. `scale`: see scale().
  Session(std::string lab, double seconds, Machine machine, RunInfo info, ResultsWriter* writer,
          std::optional<double> scale = std::nullopt);

  /// What part of its real time a wait of the lab's story shall take; none: as fits the time of a sample.
  std::optional<double> scale() const { return scale_; }

  /// Physical cores that this process may use.
  int cores() const { return machine_.cores; }
  /// 1, 2, the cores and `factor` times the cores, each once; `most` in place of what is more.
  std::vector<int> worker_counts(int factor, int most) const;

  /// Warms every probe up, then samples all of them in rounds, each in a random order, so that what disturbs the
  /// machine hits all alike: at most kRounds, fewer where the time is used up.
  /// `part` of the session's time is theirs.
  void run(const std::vector<Probe>& probes, double part = 1);
  /// A case that cannot run here, with the reason.
  void skip(const Case& what, const std::string& reason);
  /// Text that is printed below the bars, as it is: a lab's own drawing.
  void show(const std::string& drawing) { drawing_ += drawing; }

  const std::vector<Row>& rows() const { return rows_; }
  const std::string& drawing() const { return drawing_; }
  /// A line for each case whose answer was wrong though the lab did not mean it to be.
  const std::vector<std::string>& complaints() const { return complaints_; }

  static constexpr int kRounds = 9;

 private:
  void record(const Probe& probe, std::int64_t asked, const Timed& timed, std::int64_t sample);
  Row row_of(const Case& what) const;
  void add(const Row& row);

  std::string lab_;
  double seconds_;
  Machine machine_;
  RunInfo info_;
  ResultsWriter* writer_;
  std::optional<double> scale_;
  std::vector<Row> rows_;
  std::string drawing_;
  std::vector<std::string> complaints_;
};

}  // namespace overtake::lab
