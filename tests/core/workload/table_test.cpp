// SPDX-License-Identifier: Apache-2.0
// Users' tables: how columns are found, what counts as missing, and a real table through the workload.
#include "core/workload/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "core/workload/preprocess.h"

namespace overtake {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

class TableFile {
 public:
  explicit TableFile(const std::string& text) { write_file(path_, text); }
  ~TableFile() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("overtake_table_" + std::to_string(getpid()) + ".csv");
};

const std::filesystem::path kPenguins = std::filesystem::path(OVERTAKE_SOURCE_DIR) / "tests/data/penguins.csv";

TEST(Table, FindsNumericAndCategoricalColumnsByReadingAllRows) {
  const TableFile file("age,\"home, town\",score,empty\n 41 ,Rome,1e3,\n,Oslo,NA,N/A\n-2.5,\"Rome\",inf,none\n");
  const Table table = read_table(file.path());
  ASSERT_EQ(table.columns.size(), 4U);
  EXPECT_EQ(table.rows, 3);
  EXPECT_FALSE(table.columns[0].categorical);
  EXPECT_EQ(table.columns[0].values[0], 41);
  EXPECT_TRUE(std::isnan(table.columns[0].values[1]));
  EXPECT_EQ(table.columns[0].values[2], -2.5f);
  EXPECT_EQ(table.columns[1].name, "home, town");
  EXPECT_THAT(table.columns[1].categories, ElementsAre("Oslo", "Rome"));
  EXPECT_THAT(table.columns[1].codes, ElementsAre(1, 0, 1));
  EXPECT_TRUE(std::isnan(table.columns[2].values[1]));
  EXPECT_TRUE(std::isinf(table.columns[2].values[2]));
  EXPECT_FALSE(table.columns[3].categorical);
  EXPECT_THAT(table.notes,
              ElementsAre(HasSubstr("'home, town' is categorical, with 2 categories, because 'Rome' on line 2"),
                          HasSubstr("'empty' has no value at all")));
}

TEST(Table, TakesAColumnWithOneWordInItsLastRowForCategorical) {
  const TableFile file("x\n10\n9\n\nNaN\n10\nnine\n");  // a blank line is no row of one empty cell
  const Table table = read_table(file.path());
  ASSERT_TRUE(table.columns[0].categorical);
  EXPECT_THAT(table.columns[0].categories, ElementsAre("10", "9", "nine"));
  EXPECT_THAT(table.columns[0].codes, ElementsAre(0, 1, -1, 0, 2));
  EXPECT_THAT(table.notes, ElementsAre(HasSubstr("because 'nine' on line 7 is not a number")));
}

TEST(Table, NamesWhatFloat32DoesNotHold) {
  const TableFile file("x\n1\n1e300\n");
  EXPECT_TRUE(read_table(file.path()).columns[0].categorical);
}

TEST(Table, KnowsTheWordsForMissing) {
  for (const char* word :
       {"", " ", "NA", "na", "NaN", "nan", "NAN", "null", "NULL", "None", "none", "N/A", "n/a", " NA\t"})
    EXPECT_TRUE(is_missing(word)) << word;
  for (const char* word : {"0", "-", "?", "nana", "nullx", "nonesuch", "missing", "inf"})
    EXPECT_FALSE(is_missing(word)) << word;
}

TEST(Table, SaysWhatIsWrongWithAFileAndWhere) {
  EXPECT_THAT([] { read_table("/nowhere/people.csv"); }, ThrowsMessage<UsageError>(HasSubstr("/nowhere/people.csv")));
  const auto message = [](const std::string& text, const std::string& expected) {
    const TableFile file(text);
    EXPECT_THAT([&] { read_table(file.path()); },
                ThrowsMessage<UsageError>(AllOf(HasSubstr(file.path().string() + expected))));
  };
  message("", ": is empty");
  message("a,b\n", ":1: there is a header line but no row");
  message("a,b\n1,2\n3\n", ":3:");
  message("a,b\n1,2,3\n", ":2:");
  message("a,b\n1,\"2\n", ":2:");
}

TEST(Table, KeepsControlCharactersOutOfItsNotes) {
  const TableFile file("\x1b[31m\nred\x07" + std::string(100, 'r') + "\n");
  const auto notes = read_table(file.path()).notes;
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_THAT(notes[0], AllOf(HasSubstr("'?[31m'"), HasSubstr("'red?rrr"), HasSubstr("...'")));
}

Preprocess::Problem penguins_problem(const KeyValues& more = {}) {
  const auto described = Preprocess::describe(kPenguins);
  KeyValues params = described.params;
  for (const auto& [key, value] : more) params.set(key, value);
  return Preprocess::Problem::from(described.shape, params);
}

TEST(Table, DescribesARealTable) {
  const auto described = Preprocess::describe(kPenguins);
  EXPECT_EQ(described.shape.to_string(), "rows=344;cols=7;categorical=3;levels=8");
  EXPECT_EQ(described.params.to_string(), "data=penguins.csv");
  EXPECT_THAT(described.notes,
              ElementsAre(HasSubstr("'species' is categorical, with 3 categories, because 'Adelie' on line 2"),
                          HasSubstr("'island'"), HasSubstr("'sex' is categorical, with 2 categories")));
}

// Expected: means and population deviations of the columns as decimal fractions (Python's csv and fractions modules,
// math.sqrt at the end), missing cells counted as the mean, as impute_mean leaves them.
TEST(Table, GivesTheParametersOfARealTable) {
  Arena arenas[3];
  const Preprocess::Problem problem = penguins_problem();
  const Preprocess::Input<float> first(problem, arenas[0], {.path = kPenguins});
  const Preprocess::Output<float> output(problem, first, arenas[2]);
  Preprocess::fit_reference(problem, first.table, output.fitted);
  const double means[] = {43.9219298245614, 17.151169590643274, 200.91520467836258, 4201.754385964912};
  const double deviations[] = {5.435725258705346, 1.966163283813308, 14.000263798975663, 798.4499834498034};
  for (std::int64_t j = 0; j < 4; ++j) {
    EXPECT_NEAR(output.fitted.a(0, j), means[j], 1e-7 * means[j]);
    EXPECT_NEAR(output.fitted.a(1, j), means[j], 1e-7 * means[j]);
    EXPECT_NEAR(output.fitted.b(1, j), deviations[j], 1e-6 * deviations[j]);
  }
  // The first, fourth (all missing but species and island) and last row: Adelie Torgersen MALE, Gentoo Biscoe MALE.
  EXPECT_EQ(first.table.codes(0, 0), 0);
  EXPECT_EQ(first.table.codes(1, 0), 2);
  EXPECT_EQ(first.table.codes(2, 0), 1);
  EXPECT_EQ(first.table.codes(2, 3), -1);
  EXPECT_TRUE(std::isnan(first.table.numeric(3, 3)));
  EXPECT_EQ(first.table.numeric(3, 343), 5400);
  EXPECT_EQ(first.table.codes(0, 343), 2);

  // The second input must differ, in what is learnt as in its rows.
  const Preprocess::Input<float> second(problem, arenas[1], {.path = kPenguins, .second = true});
  EXPECT_EQ(second.table.numeric(3, 0), 2701);
  EXPECT_EQ(second.table.codes(0, 0), 0);
  EXPECT_EQ(second.table.codes(2, 340), -1);
  Preprocess::fit_reference(problem, second.table, output.fitted);
  EXPECT_NEAR(output.fitted.a(0, 3), means[3] / 2 + 1, 1e-3);
}

TEST(Table, LiesInTheArenaWhole) {
  Arena arena;
  const Preprocess::Problem problem = penguins_problem({{"phase", "apply"}});
  const Preprocess::Input<float> input(problem, arena, {.path = kPenguins});
  arena.seal();
  Arena attached = Arena::attach(dup(arena.fd()));
  const Preprocess::Input<float> same(problem, attached, {.path = "/nowhere.csv", .attached = true});
  EXPECT_THAT(std::vector(same.table.levels.begin(), same.table.levels.end()), ElementsAre(3, 3, 2));
  EXPECT_EQ(same.table.numeric(3, 343), 5400);
  EXPECT_EQ(same.table.codes(0, 343), 2);
  EXPECT_EQ(same.given.b(1, 3), input.given.b(1, 3));
  EXPECT_EQ(same.given.seen.back(), 1);
}

TEST(Table, RefusesATableThatIsNotWhatItWas) {
  Arena arena;
  auto problem = penguins_problem();
  ++problem.rows;
  EXPECT_THAT([&] { Preprocess::Input<float>(problem, arena, {.path = kPenguins}); },
              ThrowsMessage<UsageError>(HasSubstr("was it changed meanwhile")));
  problem.rows = 100;  // the first rows are enough for an estimate
  EXPECT_EQ(Preprocess::Input<float>(problem, arena, {.path = kPenguins}).table.numeric(3, 0), 3750);
  EXPECT_THAT([&] { Preprocess::Input<float>(problem, arena, {}); },
              ThrowsMessage<UsageError>(HasSubstr("--data FILE")));
}

}  // namespace
}  // namespace overtake
