// SPDX-License-Identifier: Apache-2.0
// A run as text: what `overtake run` prints and keeps as summary.md, and `overtake show` prints again.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/results/reader.h"

namespace overtake::compare {

/// The variant that the others of a workload are measured against; "": none, its cells are figures by themselves. A
/// workload that is not named (a user's own commands) has the first variant of its rows.
using Baselines = std::map<std::string, std::string, std::less<>>;

/// Markdown that reads well unrendered: the machine and what distorts its results, a table for each workload and size,
/// who overtakes whom, what was wrong, what was skipped and why.
std::string summary_markdown(const Run&, const Baselines&);

}  // namespace overtake::compare
