// SPDX-License-Identifier: Apache-2.0
// Starts a benchmark program, follows its progress and passes Ctrl-C on.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace overtake::cli {

/// Ctrl-C is remembered from now on instead of ending this process.
void remember_interrupt();
bool interrupted();

/// Runs the program to its end and calls `progress` with each line that it writes to its --progress-fd. Its standard
/// output is dropped, its errors are passed through. Returns its exit status, or 128 + signal.
int launch(const std::filesystem::path& program, const std::vector<std::string>& arguments,
           const std::function<void(const std::string&)>& progress);

/// The programs stand beside this one.
std::filesystem::path program_path(const std::string& name);

}  // namespace overtake::cli
