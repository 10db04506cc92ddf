// SPDX-License-Identifier: Apache-2.0
// What disturbed a run while it was measured, in sentences: other programs, the hypervisor, the quota, the clock, and
// rows that were to compute but mostly waited. For summaries.
#pragma once

#include <string>
#include <vector>

#include "core/results/reader.h"

namespace overtake::compare {

/// Empty where nothing was seen, or where the rows' metrics say nothing.
std::vector<std::string> disturbances(const Run&);

}  // namespace overtake::compare
