// SPDX-License-Identifier: Apache-2.0
// Replays the fuzzers' corpora of system.json and of other tools' files, so that what they once found stays found.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "core/file.h"
#include "tests/fuzz/other_tools_properties.h"
#include "tests/fuzz/system_properties.h"

namespace overtake::compare {
namespace {

void replay(const char* name, const std::function<void(std::string_view)>& property) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(OVERTAKE_FUZZ_CORPUS) / name)) {
    const std::string bytes = read_file(entry.path());
    // Every input cut off anywhere is an input too.
    for (std::size_t size = 0; size <= bytes.size(); ++size)
      EXPECT_NO_THROW(property(std::string_view(bytes).substr(0, size))) << entry.path() << " cut to " << size;
    ++inputs;
  }
  EXPECT_GE(inputs, 5);
}

TEST(FuzzCorpus, SystemReaderKeepsItsProperties) { replay("system", check_system); }
TEST(FuzzCorpus, GoogleBenchmarkReaderKeepsItsProperties) {
  replay("google_benchmark", [](std::string_view bytes) { check_other_tool(parse_google_benchmark, bytes); });
}
TEST(FuzzCorpus, NvbenchReaderKeepsItsProperties) {
  replay("nvbench", [](std::string_view bytes) { check_other_tool(parse_nvbench, bytes); });
}
TEST(FuzzCorpus, BabelStreamReaderKeepsItsProperties) {
  replay("babelstream", [](std::string_view bytes) { check_other_tool(parse_babelstream, bytes); });
}

}  // namespace
}  // namespace overtake::compare
