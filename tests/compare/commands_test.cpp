// SPDX-License-Identifier: Apache-2.0
#include "compare/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <tuple>

#include "core/results/writer.h"
#include "tests/compare/example_run.h"
#include "tests/support/temporary_folder.h"

namespace overtake::compare {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kCell = "matmul/serial/f32/kernel/m:64/n:64/k:64/workers:1";

class Commands : public testing::Test {
 protected:
  std::filesystem::path write_run(const std::string& name, double seconds) {
    ExampleRun run;
    add_cell(run, kCell, around(seconds));
    return write_run(name, run);
  }
  std::filesystem::path write_run(const std::string& name, const ExampleRun& run) {
    const auto path = folder.path() / name;
    std::filesystem::create_directory(path);
    ResultsWriter writer(path / "bench_matmul.csv");
    for (const Row& row : run.rows) writer.add(row);
    writer.finish();
    return path;
  }
  std::filesystem::path write_text(const std::string& name, const std::string& text) {
    std::ofstream(folder.path() / name) << text;
    return folder.path() / name;
  }
  Status compare(std::vector<std::filesystem::path> paths) { return compare_command(paths, {}, out); }
  /// What the reader says of a CSV; nothing may have been printed then.
  std::string refusal(const std::string& csv) {
    const auto good = write_run("good", 0.01), bad = write_text("bad.csv", csv);
    std::string message;
    try {
      compare({good, bad});
    } catch (const UsageError& error) {
      message = error.what();
    }
    std::filesystem::remove_all(good);
    EXPECT_EQ(out.str(), "");
    return message;
  }
  TemporaryFolder folder;
  std::ostringstream out;
};

TEST_F(Commands, CompareTakesFoldersAndCsvsAndTheFirstIsTheBase) {
  const auto base = write_run("base", 0.01), slow = write_run("slow", 0.012), same = write_run("same", 0.01);
  EXPECT_EQ(compare({base, same}), Status::good);
  EXPECT_EQ(compare({base, slow / "bench_matmul.csv"}), Status::failure);
  EXPECT_EQ(compare({base, same, slow}), Status::failure);
  EXPECT_THAT(out.str(), HasSubstr("slower"));
}

TEST_F(Commands, CompareNeedsTwoRuns) {
  EXPECT_THROW(compare({write_run("base", 0.01)}), UsageError);
  EXPECT_THROW(compare({}), UsageError);
}

TEST_F(Commands, ShowPrintsTheSummary) {
  EXPECT_EQ(show_command(write_run("base", 0.01), {{"matmul", "serial"}}, out), Status::good);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("## matmul"), HasSubstr("10.0 ms")));
}

TEST_F(Commands, ShowPrintsBreakEvenAndScalingAsTextAndAsJson) {
  ExampleRun run;
  for (const auto& [size, serial, openmp] : {std::tuple{"64", 1e-5, 3e-5}, {"256", 5e-4, 3e-4}, {"1024", 0.02, 0.01}})
    for (const auto& [way, workers, seconds] :
         {std::tuple{"serial", "1", serial}, {"openmp", "1", serial}, {"openmp", "all", openmp}})
      add_cell(
          run,
          std::string("matmul/") + way + "/f32/kernel/m:" + size + "/n:" + size + "/k:" + size + "/workers:" + workers,
          around(seconds));
  const auto path = write_run("run", run);
  EXPECT_EQ(show_breakeven(path, "serial,openmp", Format::text, out), Status::good);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("## matmul, f32, kernel"), HasSubstr("overtakes serial at m=n=k=")));
  out.str("");
  EXPECT_EQ(show_breakeven(path, "serial,openmp:1", Format::json, out), Status::good);
  EXPECT_TRUE(nlohmann::json::parse(out.str())["by_size"][0]["always_faster"].is_null());
  out.str("");
  EXPECT_EQ(show_scaling(path, Format::text, out), Status::good);
  EXPECT_THAT(out.str(), HasSubstr("## matmul openmp, m=n=k=1024, f32, kernel"));
  out.str("");
  EXPECT_EQ(show_scaling(path, Format::json, out), Status::good);
  EXPECT_EQ(nlohmann::json::parse(out.str()).size(), 3U);
  EXPECT_EQ(show_scaling(write_run("one", 0.01), Format::text, out), Status::missing);
  EXPECT_THROW(show_breakeven(path, "serial,turbo", Format::text, out), UsageError);
}

TEST_F(Commands, UnreadableRunsAreNamed) {
  EXPECT_THAT(refusal("schema_version\n2\n"), AllOf(HasSubstr("bad.csv:1:"), HasSubstr("is missing")));
  std::string header;
  for (const auto name : column_names()) header += (header.empty() ? "" : ",") + std::string(name);
  Row row = example_row(kCell);
  row.seconds = 1;
  const auto with = [&](std::size_t column, const std::string& text) {
    auto fields = to_fields(row);
    fields[column] = text;
    std::string line;
    for (const auto& field : fields) line += (line.empty() ? "" : ",") + field;
    return header + "\n" + line + "\n";
  };
  EXPECT_THAT(refusal(with(0, "2")), AllOf(HasSubstr("bad.csv:2:1"), HasSubstr("version 1")));
  EXPECT_THAT(refusal(with(20, "fast")), AllOf(HasSubstr("bad.csv:2:"), HasSubstr("'seconds'"), HasSubstr("'fast'")));
  EXPECT_THROW(compare({folder.path() / "absent", folder.path()}), UsageError);
}

}  // namespace
}  // namespace overtake::compare
