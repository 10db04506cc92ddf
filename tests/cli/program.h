// SPDX-License-Identifier: Apache-2.0
// Runs the built programs as a user would type them, in a folder of the test's own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace overtake {

struct Outcome {
  int status = 0;  // exit status, or 128 + signal
  std::string out, err;
};

/// `line` by /bin/sh in `folder`, with the built programs first in PATH.
Outcome shell(const TemporaryFolder& folder, const std::string& line);

/// Every file below the folder, relative, sorted.
std::vector<std::string> files_in(const TemporaryFolder& folder);

/// The folder of the run below `results`; fails the test where there is none or more than one.
std::filesystem::path only_run(const TemporaryFolder& folder);

}  // namespace overtake
