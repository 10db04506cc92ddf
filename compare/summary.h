// SPDX-License-Identifier: Apache-2.0
// A run as text: what `overtake run` prints and keeps as summary.md, and `overtake show` prints again.
#pragma once

#include <string>

#include "compare/measured.h"
#include "core/results/reader.h"

namespace overtake::compare {

/// Markdown that reads well unrendered: the machine and what distorts its results, a table for each workload and size,
/// who overtakes whom, what was wrong, what was skipped and why.
std::string summary_markdown(const Run&, const Baselines&);

}  // namespace overtake::compare
