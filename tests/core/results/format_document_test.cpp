// SPDX-License-Identifier: Apache-2.0
// Holds docs/results-format.md against the code: a reader of the page must find every column and status word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "core/results/row.h"

namespace overtake {
namespace {

TEST(ResultsFormatDocument, ListsEveryColumnInOrderAndEveryWord) {
  const std::string page = read_file(OVERTAKE_SOURCE_DIR "/docs/results-format.md");
  std::size_t at = page.find("## The CSV");
  for (const auto column : column_names()) {
    const std::size_t found = page.find("\n| `" + std::string(column) + "` ", at);
    ASSERT_NE(found, std::string::npos) << column << " is absent, or not in the order of the file";
    at = found;
  }
  for (const auto status :
       {RowStatus::ok, RowStatus::skipped, RowStatus::wrong, RowStatus::implausible, RowStatus::failed})
    EXPECT_THAT(page, testing::HasSubstr("\n| `" + std::string(to_string(status)) + "` |"));
  for (const auto scope : {Scope::kernel, Scope::end_to_end, Scope::cold_start, Scope::device, Scope::reported})
    EXPECT_THAT(page, testing::HasSubstr("\n| `" + std::string(to_string(scope)) + "` |"));
}

}  // namespace
}  // namespace overtake
