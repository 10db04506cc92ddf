// SPDX-License-Identifier: Apache-2.0
// Who overtakes whom, in sentences: the question that a run is there to answer. For summaries.
#pragma once

#include <string>
#include <vector>

#include "compare/series.h"
#include "compare/verdict.h"

namespace overtake::compare {

/// What is fastest at which of the sizes, ties named, and from which size on each variant overtakes `baseline`. Only
/// differences whose interval excludes 1 count. Empty where nothing was measured.
std::vector<std::string> overtaking_sentences(const Family&, const std::string& baseline, const Limits& limits = {});

/// The cell of the baseline at one size, nullptr where it was not measured.
const Measured* baseline_cell(const Size&, const std::string& baseline);

}  // namespace overtake::compare
