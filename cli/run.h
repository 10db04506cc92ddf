// SPDX-License-Identifier: Apache-2.0
// `overtake run`: turns its arguments into cells, has the benchmark programs time them, and writes the run's folder.
#pragma once

#include "cli/run_plan.h"
#include "compare/summary.h"
#include "core/error.h"

namespace overtake::cli {

/// The baseline of every workload, as summaries want it.
compare::Baselines baselines();

/// Prints the summary to stdout and progress to stderr. Throws UsageError before anything is written.
Status run(const RunArguments&);

}  // namespace overtake::cli
