// SPDX-License-Identifier: Apache-2.0
// Replays the fuzzers' corpora, so that what they once found stays found in every build.
#include <gtest/gtest.h>

#include <filesystem>

#include "core/file.h"
#include "tests/fuzz/properties.h"

namespace overtake {
namespace {

void replay(const char* name, void (*property)(std::string_view)) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(OVERTAKE_FUZZ_CORPUS) / name)) {
    const std::string bytes = read_file(entry.path());
    EXPECT_NO_THROW(property(bytes)) << entry.path();
    // Every input cut off anywhere is an input too.
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_NO_THROW(property(std::string_view(bytes).substr(0, size))) << entry.path() << " cut to " << size;
    ++inputs;
  }
  EXPECT_GE(inputs, 5);
}

TEST(FuzzCorpus, CsvReaderKeepsItsProperties) { replay("csv", check_csv); }
TEST(FuzzCorpus, ResultsReaderKeepsItsProperties) { replay("results", check_results); }

}  // namespace
}  // namespace overtake
