// SPDX-License-Identifier: Apache-2.0
// `overtake run --breakeven A,B`: finds the sizes at which one way overtakes another by measuring where the answer is
// open, and checks by measuring what a number of calls on the same data costs.
#pragma once

#include "cli/measure.h"
#include "cli/run_plan.h"
#include "core/error.h"

namespace overtake::cli {

/// The arguments narrowed to the two ways, in the scopes that the question needs. Throws UsageError where
/// `arguments.breakeven` is not A,B or not one workload is named.
RunArguments narrowed_to_ways(const RunArguments&);

/// Measures the planned sizes, then halves every interval in which the faster way changes (on a logarithmic scale)
/// until it is narrow, and last one size with 1, 10 and 100 calls on the same data. Prints the break-even points to
/// stdout.
Status search_break_even(const RunArguments&, const RunPlan&, const Place&);

}  // namespace overtake::cli
