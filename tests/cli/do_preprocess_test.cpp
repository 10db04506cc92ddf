// SPDX-License-Identifier: Apache-2.0
// `overtake do preprocess` as a user types it: features, names, fitted files, and what it says of columns that differ.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "core/file.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

// age: median 30, then mean 30 and deviation sqrt((400 + 0 + 0 + 400) / 4); town: Oslo, Rome.
constexpr const char* kPeople = "age,town\n10,Rome\n,Oslo\n30,\n50,Rome\n";
constexpr const char* kFeatures = "age,town=Oslo,town=Rome\n-1.4142135,0,1\n0,1,0\n0,0,0\n1.4142135,0,1\n";

TEST(DoPreprocess, WritesTheSameFeaturesByEveryStrategyAndTheirNames) {
  const TemporaryFolder folder;
  write_file(folder / "people.csv", kPeople);
  for (const char* strategy : {"serial", "threads", "processes"}) {
    const Outcome done =
        shell(folder, std::string("overtake do preprocess people.csv --out f.csv --workers 2 --strategy ") + strategy);
    ASSERT_EQ(done.status, 0) << done.err;
    EXPECT_EQ(done.out, "{\"numeric\":[\"impute_median\",\"standardise\"],\"categorical\":\"one_hot\"}\n");
    EXPECT_THAT(done.err, HasSubstr("'town' is categorical, with 2 categories, because 'Rome' on line 2"));
    EXPECT_EQ(read_file(folder / "f.csv"), kFeatures) << strategy;
  }
}

TEST(DoPreprocess, WritesWhatNumpyReads) {
  const TemporaryFolder folder;
  write_file(folder / "people.csv", kPeople);
  ASSERT_EQ(shell(folder, "overtake do preprocess people.csv --out f.npy").status, 0);
  const std::string bytes = read_file(folder / "f.npy");
  ASSERT_EQ(bytes.size(), 128U + std::size_t{4} * 3 * sizeof(float));
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  EXPECT_THAT(bytes.substr(0, 128), HasSubstr("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }"));
  EXPECT_EQ(bytes[127], '\n');
  float features[12];
  std::memcpy(features, bytes.data() + 128, sizeof features);
  EXPECT_FLOAT_EQ(features[0], -1.4142135f);
  EXPECT_EQ(features[4], 1);
  EXPECT_EQ(read_file(folder / "f.names.json"), "[\n  \"age\",\n  \"town=Oslo\",\n  \"town=Rome\"\n]\n");
}

TEST(DoPreprocess, AppliesWhatItLearntToNewTablesByTheirNames) {
  const TemporaryFolder folder;
  write_file(folder / "people.csv", kPeople);
  ASSERT_EQ(shell(folder, "overtake do preprocess people.csv --out f.csv --save-fitted fitted.json").status, 0);
  // The same rows in other order of columns, one column more; then new ones.
  write_file(folder / "new.csv", "town,more,age\nRome,1,10\nOslo,1,\n,1,30\nParis,1,50\n");
  const Outcome done = shell(folder, "overtake do preprocess new.csv --apply fitted.json --out new_f.csv");
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(read_file(folder / "new_f.csv"), "age,town=Oslo,town=Rome\n-1.4142135,0,1\n0,1,0\n0,0,0\n1.4142135,0,0\n");
  EXPECT_THAT(done.err, AllOf(HasSubstr("column 'more' is left out"), HasSubstr("another order"),
                              HasSubstr("'town': 1 rows have a category that the fitted table had not, 'Paris'")));
  // Categories that look like numbers are categories all the same.
  write_file(folder / "numbers.csv", "age,town\n10,7\n");
  EXPECT_EQ(shell(folder, "overtake do preprocess numbers.csv --apply fitted.json --out n.csv").status, 0);
  EXPECT_EQ(read_file(folder / "n.csv"), "age,town=Oslo,town=Rome\n-1.4142135,0,0\n");
}

TEST(DoPreprocess, TakesAPipelineAndLeavesColumnsOut) {
  const TemporaryFolder folder;
  write_file(folder / "people.csv", "name,age,town\nx,1,Rome\ny,,Oslo\nz,3,\n");
  write_file(folder / "steps.json",
             R"({"numeric": ["impute_constant:7"], "categorical": "ordinal", "leave_out": ["name"]})");
  const Outcome done = shell(folder, "overtake do preprocess people.csv --pipeline steps.json --out f.csv");
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(read_file(folder / "f.csv"), "age,town\n1,1\n7,0\n3,\n");
}

TEST(DoPreprocess, LeavesOutColumnsWithACategoryForNearlyEveryRowAndSaysSo) {
  const TemporaryFolder folder;
  std::string text = "name,age\n";
  for (int i = 0; i < 60; ++i) text += "person " + std::to_string(i) + "," + std::to_string(i) + "\n";
  write_file(folder / "people.csv", text);
  const Outcome done = shell(folder, "overtake do preprocess people.csv --out f.csv");
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("column 'name' has 60 categories in 60 rows, and is left out"));
  EXPECT_THAT(done.out, HasSubstr("\"leave_out\":[\"name\"]"));
  EXPECT_EQ(read_file(folder / "f.csv").substr(0, 4), "age\n");
}

TEST(DoPreprocess, SaysWhatIsWrongAndWritesNothing) {
  const TemporaryFolder folder;
  write_file(folder / "people.csv", kPeople);
  write_file(folder / "steps.json", R"({"numeric": ["impute_men"]})");
  ASSERT_EQ(shell(folder, "overtake do preprocess people.csv --out f.csv --save-fitted fitted.json").status, 0);
  std::filesystem::remove(folder / "f.csv");
  write_file(folder / "twice.csv", "a,a\n1,2\n");
  write_file(folder / "other.csv", "age,city\n1,Rome\n");
  write_file(folder / "words.csv", "age,town\n1,Rome\nold,Rome\n");
  write_file(folder / "ragged.csv", "age,town\n1\n");
  const struct {
    const char *arguments, *expected;
  } cases[] = {
      {"absent.csv --out f.csv", "absent.csv"},
      {"people.csv --out f.parquet", ".npy or .csv"},
      {"people.csv --out f.csv --pipeline steps.json", "steps.json: "},
      {"people.csv --out f.csv --pipeline steps.json --apply fitted.json", "exclude each other"},
      {"people.csv --out f.csv --save-fitted x.json --apply fitted.json", "exclude each other"},
      {"people.csv --out f.csv --apply people.csv", "people.csv: is no JSON"},
      {"people.csv --out f.csv --strategy async", "serial, threads, processes and gpu"},
      {"twice.csv --out f.csv", "two columns are called 'a'"},
      {"other.csv --out f.csv --apply fitted.json", "no column 'town'"},
      {"words.csv --out f.csv --apply fitted.json", "'old' on line 3 is not a number"},
      {"ragged.csv --out f.csv", "ragged.csv:2"},
  };
  for (const auto& [arguments, expected] : cases) {
    const Outcome done = shell(folder, std::string("overtake do preprocess ") + arguments);
    EXPECT_EQ(done.status, 2) << arguments;
    EXPECT_THAT(done.err, HasSubstr(expected)) << arguments;
    EXPECT_THAT(done.out, IsEmpty()) << arguments;
    EXPECT_FALSE(std::filesystem::exists(folder / "f.csv")) << arguments;
  }
}

}  // namespace
}  // namespace overtake
