// SPDX-License-Identifier: Apache-2.0
#include "core/results/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/csv/writer.h"
#include "core/file.h"
#include "tests/support/temporary_folder.h"

namespace overtake {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Row row_of(const std::string& variant) {
  Row row;
  row.workload = "matmul";
  row.variant = variant;
  row.seconds = 0.25;
  return row;
}

std::string csv_of(const std::vector<Row>& rows) {
  CsvWriter csv;
  csv.record(column_names());
  for (const Row& row : rows) csv.record(to_fields(row));
  return csv.text();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  return message_of<UsageError>([&] { parse_results(text, "m.csv"); });
}

TEST(ResultsReader, ColumnsMayStandInAnyOrderAndUnknownOnesAreNoted) {
  const std::string text =
      "weather,status,schema_version,run_id,system_id,workload,variant,strategy,dtype,scope,shape,params,workers_asked,"
      "check_method,seconds\n"
      "rain,ok,1,r,s,matmul,\"a, b\",threads,f32,kernel,m=1,,all,reference,0.25\n";
  const Results results = parse_results(text, "m.csv");
  ASSERT_EQ(results.rows.size(), 1);
  EXPECT_EQ(results.rows[0].variant, "a, b");
  EXPECT_EQ(results.rows[0].seconds, 0.25);
  EXPECT_EQ(results.rows[0].strategy, Strategy::threads);
  EXPECT_EQ(results.rows[0].cpu_seconds, std::nullopt);
  EXPECT_THAT(results.notes, ElementsAre("m.csv: column 'weather' is unknown and was ignored"));
}

TEST(ResultsReader, ErrorsNameFileLineColumnAndCell) {
  const std::string good = csv_of({row_of("odd\nname"), row_of("serial")});
  EXPECT_THAT(refusal(replaced(good, "serial,,none", "serial,,f16")),
              AllOf(StartsWith("m.csv:3:15: column 'dtype': unknown dtype 'f16'")));
  EXPECT_THAT(refusal(replaced(good, "0.25", "fast")),
              AllOf(StartsWith("m.csv:3:"), HasSubstr("column 'seconds': 'fast' is not a number")));
  EXPECT_THAT(refusal(replaced(good, "\n1,", "\n2,")),
              AllOf(StartsWith("m.csv:2:1: "), HasSubstr("version 1, the file says 2")));
  EXPECT_THAT(refusal(replaced(good, "seconds,", "")), StartsWith("m.csv:1:1: column 'seconds' is missing"));
  EXPECT_THAT(refusal(replaced(good, "bytes,", "flops,")),
              AllOf(StartsWith("m.csv:1:"), HasSubstr("column 'flops' stands there twice")));
  EXPECT_THAT(refusal(good + "1,2\n"), StartsWith("m.csv:5:1: this record has 2 cells"));
  EXPECT_THAT(refusal(""), HasSubstr("m.csv: has no header line"));
  EXPECT_THAT(refusal("schema_version"), HasSubstr("m.csv: has no header line"));
}

TEST(ResultsReader, LastLineThatWasCutOffIsDroppedWithANote) {
  const std::string text = csv_of({row_of("serial"), row_of("odd\nname")});
  const Results whole = parse_results(text, "m.csv");
  const std::size_t second = csv_of({row_of("serial")}).size();
  for (std::size_t size = second + 1; size < text.size(); ++size) {
    const Results results = parse_results(text.substr(0, size), "m.csv");
    EXPECT_THAT(results.rows, ElementsAre(row_of("serial"))) << size;
    EXPECT_THAT(results.notes, ElementsAre(StartsWith("m.csv:3: the last record has no end"))) << size;
  }
  EXPECT_EQ(whole.rows.size(), 2);
  EXPECT_THAT(whole.notes, IsEmpty());
}

TEST(ReadRun, FolderGivesAllFilesAndTheSystem) {
  const TemporaryFolder folder;
  make_folders(folder / "sys/run");
  write_file(folder / "sys/run/b.csv", csv_of({row_of("second")}));
  write_file(folder / "sys/run/a.csv", csv_of({row_of("first")}));
  write_file(folder / "sys/run/c.csv.part", csv_of({row_of("third")}) + "1,cut");
  write_file(folder / "sys/run/b.csv.part", csv_of({row_of("stale")}));
  write_file(folder / "sys/run/summary.md", "# not a CSV");
  write_file(folder / "sys/run/system.json", R"({"zeta": 1, "alpha": null})");
  const auto run = read_run(folder / "sys/run/");
  EXPECT_THAT(run.rows, ElementsAre(row_of("first"), row_of("second"), row_of("third")));
  EXPECT_EQ(run.system.dump(), R"({"zeta":1,"alpha":null})");
  EXPECT_EQ(run.label, "sys/run");
  EXPECT_EQ(run.path, folder / "sys/run/");
  EXPECT_THAT(run.notes, ElementsAre(HasSubstr("b.csv.part: ignored, because b.csv is there"),
                                     HasSubstr("c.csv.part: the program that wrote it did not finish"),
                                     HasSubstr("c.csv.part:3: the last record has no end")));
}

TEST(ReadRun, SingleCsvHasNoSystem) {
  const TemporaryFolder folder;
  make_folders(folder / "run");
  write_file(folder / "run/a.csv", csv_of({row_of("first")}));
  const auto run = read_run(folder / "run/a.csv");
  EXPECT_TRUE(run.system.is_null());
  EXPECT_EQ(run.label, "run/a.csv");
  EXPECT_EQ(run.rows.size(), 1);
}

TEST(ReadRun, FolderWithoutSystemSaysSo) {
  const TemporaryFolder folder;
  write_file(folder / "a.csv", csv_of({}));
  const auto run = read_run(folder.path());
  EXPECT_TRUE(run.system.is_null());
  EXPECT_THAT(run.notes, ElementsAre(HasSubstr("system.json: is absent")));
}

TEST(ReadRun, WhatIsNoRunIsRefused) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& name) {
    return message_of<UsageError>([&] { read_run(folder / name); });
  };
  EXPECT_THAT(refused("absent"), HasSubstr("No such file"));
  EXPECT_THAT(refused(""), HasSubstr("holds no results"));
  write_file(folder / "a.csv", csv_of({row_of("first")}));
  write_file(folder / "system.json", "{\"a\": }");
  EXPECT_THAT(refused(""),
              AllOf(HasSubstr("system.json: parse error at line 1, column 7"), testing::Not(HasSubstr("[json"))));
  write_file(folder / "system.json", "[1]");
  EXPECT_THAT(refused(""), HasSubstr("is no JSON object"));
}

}  // namespace
}  // namespace overtake
