// SPDX-License-Identifier: Apache-2.0
// What `overtake run download` has beyond other workloads: the user's own URLs, and the replay of a published table.
#pragma once

#include <string>

#include "bench/harness/plan.h"
#include "cli/run_plan.h"
#include "core/results/reader.h"

namespace overtake::cli {

/// --urls: lays the list's shape over the suite. Throws UsageError on a list that cannot be read, and on what does not
/// go with it.
void use_urls(const RunArguments&, bench::Suite&, bench::Selection&);

/// --size of `run download`: the slices that have these sizes; a size that no slice has gets cells of its own. Leaves
/// no size in the selection.
void use_sizes(bench::Suite&, bench::Selection&);

/// How many requests the run will make of the user's own servers, said in the plan's notes. Throws UsageError where
/// they are more than 1,000 and nobody said --yes.
void announce_requests(const RunArguments&, RunPlan&);

/// --talk: the cells of the published table. Throws UsageError on what does not go with it.
RunPlan plan_talk(const RunArguments&);
/// Published, measured and least possible seconds side by side.
std::string talk_text(const Run&, double scale);

}  // namespace overtake::cli
