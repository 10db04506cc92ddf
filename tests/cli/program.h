// SPDX-License-Identifier: Apache-2.0
// Runs the built programs as a user would type them, in a folder of the test's own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace overtake::test {

struct Outcome {
  int status = 0;  // exit status, or 128 + signal
  std::string out, err;
};

/// A folder that is removed at the end.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }
  /// Writes a file in it and returns its path.
  std::string file(const std::string& name, const std::string& content) const;
  /// Every file below it, relative, sorted.
  std::vector<std::string> files() const;

 private:
  std::filesystem::path path_;
};

/// `line` by /bin/sh in `folder`, with the built programs first in PATH.
Outcome shell(const Scratch& folder, const std::string& line);

}  // namespace overtake::test
