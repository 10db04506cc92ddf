// SPDX-License-Identifier: Apache-2.0
// A folder for the results of one call. Used by `import` and `lab`, which may be called twice in a second.
#pragma once

#include <filesystem>
#include <string>

namespace overtake::cli {

/// Makes PARENT/UTC-SUITE, or UTC-SUITE-2 and so on where that is there, and sets `run_id` to its name.
std::filesystem::path new_run_folder(const std::filesystem::path& parent, const std::string& suite,
                                     std::string& run_id);

}  // namespace overtake::cli
