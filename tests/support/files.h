// SPDX-License-Identifier: Apache-2.0
// Where the files stand that tests read.
#pragma once

#include <filesystem>
#include <string>

namespace overtake {

/// A file or folder below tests/, named as it was in the source tree (".../tests/data/x.csv"): what ./scripts/bundle
/// carried along beside this program, where it did, otherwise the same path.
inline std::filesystem::path test_file(const std::string& source) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  const auto carried = program.parent_path().parent_path() / source.substr(source.rfind("/tests/") + 1);
  return std::filesystem::exists(carried) ? carried : std::filesystem::path(source);
}

}  // namespace overtake
