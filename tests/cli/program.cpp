// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/program.h"

#include <stdlib.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace overtake::test {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Scratch::Scratch() {
  std::string name = (fs::temp_directory_path() / "overtake-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string Scratch::file(const std::string& name, const std::string& content) const {
  const fs::path path = path_ / name;
  std::ofstream(path, std::ios::binary) << content;
  return path.string();
}

std::vector<std::string> Scratch::files() const {
  std::vector<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(path_))
    if (entry.is_regular_file()) out.push_back(fs::relative(entry.path(), path_).string());
  std::sort(out.begin(), out.end());
  return out;
}

Outcome shell(const Scratch& folder, const std::string& line) {
  const Scratch captured;
  const std::string out = (captured.path() / "out").string(), err = (captured.path() / "err").string();
  const std::string whole = "cd '" + folder.path().string() + "' && PATH=" OVERTAKE_BIN ":$PATH && { " + line +
                            "\n} > '" + out + "' 2> '" + err + "' < /dev/null";
  const int status = std::system(whole.c_str());
  return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), content_of(out), content_of(err)};
}

}  // namespace overtake::test
