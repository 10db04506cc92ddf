// SPDX-License-Identifier: Apache-2.0
// `overtake run`: turns its arguments into cells, has the benchmark programs time them, and writes the run's folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/summary.h"
#include "core/error.h"

namespace overtake::cli {

/// What stands on the command line, unread.
struct RunArguments {
  std::vector<std::string> workloads, variants, strategies, dtypes, scopes, sizes, workers;
  std::vector<std::string> params;  // k=v1,v2
  std::optional<int> repetitions, processes;
  std::string seed = "42", out = "results", data;
  std::optional<std::string> label;
  bool quick = false, list = false;
  std::vector<std::string> commands;
  std::string seconds_from, check;
};

/// The baseline of every workload, as summaries want it.
compare::Baselines baselines();

/// Prints the summary to stdout and progress to stderr. Throws UsageError before anything is written.
Status run(const RunArguments&);

}  // namespace overtake::cli
