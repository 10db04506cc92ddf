// SPDX-License-Identifier: Apache-2.0
// `overtake import`: results of other tools into a folder like that of a run, for show and compare.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"

namespace overtake::cli {

struct ImportArguments {
  std::vector<std::filesystem::path> files;
  std::string out = "results";
  std::optional<std::string> label;
};

/// Reads all files before it writes anything. Each file becomes a CSV of its own and counts as a process. Throws
/// UsageError where one is no result of a tool that is known, or they come from different machines and no label says
/// that they belong together.
Status import_results(const ImportArguments&);

}  // namespace overtake::cli
