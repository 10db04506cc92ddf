// SPDX-License-Identifier: Apache-2.0
#include "core/csv/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fuzz/properties.h"
#include "tests/support/temporary_folder.h"

namespace overtake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string refusal(std::string_view text, LastLine last_line = LastLine::as_it_is) {
  return message_of<UsageError>([&] { read_table(text, last_line); });
}

TEST(CsvReader, TakesLfAndCrLfWithOrWithoutALastNewline) {
  const Table expected = {{"a", "b"}, {"1", ""}};
  for (const char* text : {"a,b\n1,\n", "a,b\n1,", "a,b\r\n1,\r\n", "a,b\r\n1,", "a,b\n1,\r\n", "a,b\n1,\r",
                           "\xEF\xBB\xBF"
                           "a,b\n1,\n",
                           "\"a\",\"b\"\r\n\"1\",\"\"\r\n", "\n\r\na,b\n\n1,\n\r\n\n"})
    EXPECT_EQ(read_table(text), expected) << text;
}

TEST(CsvReader, QuotedCellsHoldSeparatorsQuotesAndNewlines) {
  EXPECT_THAT(read_table("\"a,b\",\"say \"\"hi\"\"\",\"x\r\ny\n\"\n"),
              ElementsAre(ElementsAre("a,b", "say \"hi\"", "x\r\ny\n")));
  EXPECT_THAT(read_table("5\" pipe, \"x\n"), ElementsAre(ElementsAre("5\" pipe", " \"x")));
  EXPECT_THAT(read_table("\"\"\"\"\n"), ElementsAre(ElementsAre("\"")));
}

TEST(CsvReader, EmptyFilesHoldNothingAndAQuotedEmptyCellIsARecord) {
  for (const char* text : {"", "\n", "\r\n", "\xEF\xBB\xBF", "\r"}) EXPECT_THAT(read_table(text), IsEmpty()) << text;
  EXPECT_THAT(read_table("\"\""), ElementsAre(ElementsAre("")));
  EXPECT_THAT(read_table(","), ElementsAre(ElementsAre("", "")));
}

TEST(CsvReader, KnowsWhereRecordsAndCellsStand) {
  CsvReader csv(
      "\xEF\xBB\xBF"
      "id,name\n\n1,\"two\nlines\"\n\"a\nb\",x",
      "people.csv");
  std::vector<std::string_view> cells;
  ASSERT_TRUE(csv.next(cells));
  EXPECT_EQ(csv.line(), 1);
  EXPECT_EQ(csv.position(0).column, 1);
  EXPECT_EQ(csv.position(1).column, 4);
  ASSERT_TRUE(csv.next(cells));
  EXPECT_EQ(csv.line(), 3);
  EXPECT_EQ(csv.position(1).column, 3);
  EXPECT_TRUE(csv.terminated());
  ASSERT_TRUE(csv.next(cells));
  EXPECT_EQ(csv.line(), 5);
  EXPECT_STREQ(csv.error(1, "is no number").what(), "people.csv:6:4: is no number");
  EXPECT_FALSE(csv.terminated());
  EXPECT_FALSE(csv.next(cells));
}

TEST(CsvReader, ErrorsNameFileLineAndColumn) {
  EXPECT_THAT(refusal("a,b\n1,\"x\ny\n"), HasSubstr("input:2:3: this quote is never closed"));
  EXPECT_THAT(refusal("a,b\n\"1\"2,3\n"), HasSubstr("input:2:4: text behind a closing quote"));
  EXPECT_THAT(refusal("a,b\n1,2,3\n"), HasSubstr("input:2:5: this record has 3 cells, but the first record has 2"));
  EXPECT_THAT(refusal("a,b\n1\n"), HasSubstr("input:2:1: this record has 1 cells, but the first record has 2"));
  EXPECT_THAT(refusal("a\rb"), HasSubstr("input:1:3: a carriage return without a line feed"));
  EXPECT_THAT(refusal(std::string_view("a,\0", 3)), HasSubstr("input:1:3: a NUL byte"));
  EXPECT_THAT(refusal(std::string_view("a,\"x\0\"", 6)), HasSubstr("input:1:5: a NUL byte"));
  EXPECT_THAT(refusal(std::string_view("\xFF\xFE"
                                       "a\0",
                                       4)),
              HasSubstr("UTF-16"));
}

TEST(CsvReader, DropsALastLineThatWasCutOffWhereAskedTo) {
  for (const char* text : {"a,b\n1,2", "a,b\n1", "a,b\n1,\"x\"", "a,b\n1,\"x\n3,4\n", "a,b\n1,2,3", "a,b\n1,2\r"}) {
    CsvReader csv(text, "input", LastLine::drop_if_cut);
    std::vector<std::string> cells;
    EXPECT_TRUE(csv.next(cells)) << text;
    EXPECT_FALSE(csv.next(cells)) << text;
    EXPECT_FALSE(csv.next(cells)) << text;
    EXPECT_EQ(csv.dropped_line(), 2) << text;
  }
  CsvReader csv("a,b\n1,2\n", "input", LastLine::drop_if_cut);
  std::vector<std::string> cells;
  while (csv.next(cells)) {
  }
  EXPECT_EQ(csv.dropped_line(), std::nullopt);
  EXPECT_THAT(refusal("a,b\n1\n2,3", LastLine::drop_if_cut), HasSubstr("input:2:1"));
}

TEST(CsvReader, ReadsTheSameWhereverAChunkOfTheFileEnds) {
  const TemporaryFolder folder;
  const std::string nasty = "\"a\"\"b\",\"c\r\nd\"\r\nplain,\"\"\r\n1,2\r\n";
  const Table expected = {{"a\"b", "c\r\nd"}, {"plain", ""}, {"1", "2"}};
  for (std::size_t before = 0; before <= nasty.size(); ++before) {
    // The first record fills the chunk but for `before` bytes of the nasty text.
    const std::string filler = std::string(CsvReader::kChunk - before - 3, 'x') + ",y\n";
    write_file(folder / "t.csv", filler + nasty);
    CsvReader csv(folder / "t.csv");
    std::vector<std::string> cells;
    ASSERT_TRUE(csv.next(cells));
    Table table;
    while (csv.next(cells)) table.push_back(cells);
    EXPECT_EQ(table, expected) << before;
    EXPECT_EQ(csv.line(), 5) << before;
    EXPECT_EQ(csv.position(1).column, 3) << before;
  }
}

TEST(CsvReader, AbsentFilesAndFoldersAreNamed) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of<UsageError>([&] { CsvReader(folder / "absent.csv"); }), HasSubstr("absent.csv"));
  EXPECT_THAT(message_of<UsageError>([&] { CsvReader(folder.path()); }), HasSubstr("give a file, not a folder"));
}

}  // namespace
}  // namespace overtake
