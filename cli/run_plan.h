// SPDX-License-Identifier: Apache-2.0
// What `overtake run` is asked for, and what it decides to do before anything is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/harness/plan.h"

namespace overtake::cli {

/// What stands on the command line, unread.
struct RunArguments {
  std::vector<std::string> workloads, variants, strategies, dtypes, scopes, sizes, workers, gpus;
  std::vector<std::string> params;  // k=v1,v2
  std::optional<int> repetitions, processes;
  std::string seed = "42", out = "results", data;
  std::optional<std::string> label;
  bool quick = false, list = false;
  std::vector<std::string> commands;
  std::string seconds_from, check;
  std::optional<std::string> budget, breakeven;
  std::string urls;  // the user's own list, for download
  bool yes = false, talk = false;
  double scale = 1;                  // of --talk
  std::string resume;                // folder of an interrupted run
  std::vector<std::string> written;  // the command line itself, but for --resume and its folder
};

struct RunPlan {
  bench::Suite suite;
  std::vector<bench::PlannedCell> cells;
  std::vector<std::string> notes;
  std::optional<double> budget_seconds;
  bool has_twins = true;  // one cell of each workload is timed twice
};

/// Throws UsageError on anything that cannot be run.
RunPlan plan_run(const RunArguments&);

/// "10m", "90s", "1.5h" or seconds; throws UsageError otherwise.
double parse_duration(const std::string& flag, const std::string& text);

}  // namespace overtake::cli
