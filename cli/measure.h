// SPDX-License-Identifier: Apache-2.0
// The measuring part of `overtake run`: has the benchmark programs time the planned cells, process by process, with one
// cell of each workload twice (A/A), until the plan or the budget is fulfilled.
#pragma once

#include <filesystem>
#include <string>

#include "cli/run_plan.h"
#include "core/error.h"

namespace overtake::cli {

/// Where a run's files go and what its rows are called.
struct Place {
  std::filesystem::path folder;
  std::string run_id, system_id;
};

/// Prints progress to stderr. With a budget the first process covers every cell; later ones only those whose verdict
/// against the baseline is undecided, until all are decided or the time is spent.
Status measure(const RunArguments&, const RunPlan&, const Place&);

}  // namespace overtake::cli
