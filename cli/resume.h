// SPDX-License-Identifier: Apache-2.0
// Continuing a run that was interrupted: only on the same machine, with the same programs and the same arguments.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/measure.h"

namespace overtake::cli {

/// The command line that a run was started with, after `overtake run`. Throws UsageError where the folder holds none.
std::vector<std::string> arguments_of_run(const std::filesystem::path& run);

/// The place of the run at `folder`. `now` is this machine's description with "arguments" and "programs" added; throws
/// UsageError that names what differs from the run's.
Place resumed_place(const std::filesystem::path& folder, const nlohmann::ordered_json& now);

/// Of the contents of `overtake` and the benchmark programs beside it, 16 hexadecimal digits.
std::string programs_hash();

}  // namespace overtake::cli
