// SPDX-License-Identifier: Apache-2.0
// `overtake do summarize` as a user types it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/file.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(DoSummarize, PrintsATableForPeopleAndJsonForMachines) {
  const TemporaryFolder folder;
  write_file(folder / "t.csv", "x,y,k\n1,2,b\n2,,a\n4,5,b\n,7,\n10,1,a\n");
  const Outcome people = shell(folder, "overtake do summarize t.csv --strategy serial");
  ASSERT_EQ(people.status, 0) << people.err;
  EXPECT_THAT(people.out, AllOf(HasSubstr("t.csv: 5 rows, 3 columns"), HasSubstr("4.03113"), HasSubstr("-0.419"),
                                HasSubstr("Column k: 4 values, 1 missing, 2 categories")));
  EXPECT_THAT(people.err, HasSubstr("'k' is categorical"));

  const Outcome machines = shell(folder, "overtake do summarize t.csv --json");
  ASSERT_EQ(machines.status, 0) << machines.err;
  for (const char* strategy : {"serial", "processes"})
    EXPECT_EQ(shell(folder, std::string("overtake do summarize t.csv --json --strategy ") + strategy).out,
              machines.out);
  const auto json = nlohmann::json::parse(machines.out);
  EXPECT_EQ(json["rows"], 5);
  EXPECT_EQ(json["numeric"][0]["std"], 4.031128874149275);
  EXPECT_EQ(json["numeric"][1]["missing"], 1);
  EXPECT_EQ(json["categorical"][0]["groups"][1]["category"], "b");
  EXPECT_EQ(json["categorical"][0]["groups"][1]["means"][0], 2.5);
}

TEST(DoSummarize, SaysWhatIsWrong) {
  const TemporaryFolder folder;
  write_file(folder / "ragged.csv", "a,b\n1\n");
  for (const auto& [arguments, expected] :
       {std::pair{"absent.csv", "absent.csv"}, std::pair{"ragged.csv", "ragged.csv:2"},
        std::pair{"ragged.csv --strategy async", "serial, threads, processes and gpu"}}) {
    const Outcome done = shell(folder, std::string("overtake do summarize ") + arguments);
    EXPECT_EQ(done.status, 2) << arguments;
    EXPECT_THAT(done.err, HasSubstr(expected));
  }
}

}  // namespace
}  // namespace overtake
