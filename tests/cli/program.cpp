// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/program.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/file.h"

namespace overtake {

Outcome shell(const TemporaryFolder& folder, const std::string& line) {
  const TemporaryFolder captured;
  const std::string out = (captured / "out").string(), err = (captured / "err").string();
  const std::string whole = "cd '" + folder.path().string() + "' && PATH=" OVERTAKE_BIN ":$PATH && { " + line +
                            "\n} > '" + out + "' 2> '" + err + "' < /dev/null";
  const int status = std::system(whole.c_str());
  return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), read_file(out), read_file(err)};
}

std::vector<std::string> files_in(const TemporaryFolder& folder) {
  namespace fs = std::filesystem;
  std::vector<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
    if (entry.is_regular_file()) out.push_back(fs::relative(entry.path(), folder.path()).string());
  std::sort(out.begin(), out.end());
  return out;
}

std::filesystem::path only_run(const TemporaryFolder& folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "results"))
    if (entry.path().filename() == "system.json") found.push_back(entry.path().parent_path());
  EXPECT_EQ(found.size(), 1U);
  return found.at(0);
}

}  // namespace overtake
