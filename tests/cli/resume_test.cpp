// SPDX-License-Identifier: Apache-2.0
// A run is continued after Ctrl-C, spends a budget where it is needed, times one cell twice, and searches a break-even
// point.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "core/file.h"
#include "core/results/reader.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kRun =
    "overtake run matmul --size 32,64 --scope kernel --dtype f32 --variant serial,serial_naive --repetitions 2 "
    "--processes 4 --label box";

/// Samples of each cell of a workload in each process.
std::map<std::pair<std::string, std::int64_t>, int> samples_of(const fs::path& run,
                                                               const std::string& workload = "matmul") {
  std::map<std::pair<std::string, std::int64_t>, int> samples;
  for (const Row& row : read_run(run).rows)
    if (row.workload == workload && row.status == RowStatus::ok) ++samples[{row.cell().name(), *row.process}];
  return samples;
}

TEST(Resume, ContinuesAndRepeatsNothing) {
  const TemporaryFolder folder;
  ASSERT_EQ(shell(folder, kRun).status, 0);
  const fs::path run = only_run(folder);
  const auto whole = samples_of(run);
  // What an interruption in the third process leaves: the rows of two, and half a line.
  const fs::path csv = run / "bench_matmul.csv";
  std::string text = read_file(csv), kept;
  std::size_t lines = 0;
  for (const Row& row : read_run(run).rows) lines += row.process.value_or(0) < 2 ? 1 : 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i <= lines; ++i) at = text.find('\n', at) + 1;
  kept = text.substr(0, at);
  fs::remove(csv);
  write_file(run / "bench_matmul.csv.part", kept + "1,half a li");
  fs::remove(run / "summary.md");

  const Outcome resumed = shell(folder, "overtake run --resume " + run.string());
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(samples_of(run), whole);
  EXPECT_EQ(read_file(csv).substr(0, at), kept) << "rows that were there are untouched";
  EXPECT_TRUE(fs::exists(run / "summary.md"));
  // Once more there is nothing to do.
  const std::string complete = read_file(csv);
  EXPECT_EQ(shell(folder, "overtake run --resume " + run.string()).status, 0);
  EXPECT_EQ(read_file(csv), complete);
}

TEST(Resume, RefusesWhereMachineProgramsOrArgumentsDiffer) {
  const TemporaryFolder folder;
  ASSERT_EQ(shell(folder, "overtake run matmul --size 16 --variant serial --processes 1 --label box").status, 0);
  const fs::path run = only_run(folder), path = run / "system.json";
  const std::string resume = "overtake run --resume " + run.string(), original = read_file(path);
  const auto refusal = [&](const std::string& line) {
    const Outcome outcome = shell(folder, line);
    EXPECT_EQ(outcome.status, 2) << outcome.out;
    return outcome.err;
  };
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = original;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    write_file(path, text.replace(at, from.size(), to));
    return refusal(resume);
  };
  EXPECT_THAT(refusal(resume + " matmul --size 17"), HasSubstr("other arguments"));
  EXPECT_THAT(changed("\"programs\": \"", "\"programs\": \"0"), HasSubstr("built anew"));
  EXPECT_THAT(changed("\"physical_cores\": ", "\"physical_cores\": 9"), HasSubstr("The CPU differs"));
  EXPECT_THAT(changed("{", "[{"), HasSubstr("not valid JSON"));
  EXPECT_THAT(refusal("overtake run --resume absent"), HasSubstr("no system.json"));
  // The clock is measured, and other load moves it.
  write_file(path,
             std::regex_replace(original, std::regex("\"measured_clock_hz\": [0-9]+"), "\"measured_clock_hz\": 1"));
  const Outcome resumed = shell(folder, resume);
  EXPECT_EQ(resumed.status, 0) << resumed.err;
}

TEST(Budget, EndsEarlyWhereEveryVerdictIsDecided) {
  const TemporaryFolder folder;
  const Outcome outcome =
      shell(folder,
            "overtake run matmul --size 64 --scope kernel --dtype f32 --variant serial,serial_naive "
            "--repetitions 1 --budget 5m --label box");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("every verdict against the baseline is decided"));
  std::set<std::int64_t> processes;
  for (const auto& [cell, samples] : samples_of(only_run(folder))) processes.insert(cell.second);
  // serial_naive takes some 20 times as long: as soon as separation is significant, p = 2 / C(8, 4) = 0.029.
  EXPECT_EQ(processes.size(), 4U);
}

TEST(Budget, CoversEveryCellOnceHoweverShortItIs) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder,
                                "overtake run matmul --size 32,64 --scope kernel --dtype f32 --variant serial,openmp "
                                "--repetitions 1 --budget 0.001s --label box");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  std::set<std::string> cells;
  for (const auto& [cell, samples] : samples_of(only_run(folder)))
    if (cell.first.find("aa=") == std::string::npos) {
      cells.insert(cell.first);
      EXPECT_EQ(cell.second, 0);
    }
  EXPECT_EQ(cells.size(), 6U);
}

// a takes n hundredths of a second and a little, b 20 and as much: long enough for a machine that is busy with other
// tests.
TEST(BreakEven, IsFoundByMeasuringBetweenTheSizesThatWereAskedFor) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder,
                                "overtake run --breakeven a,b --command a='sleep 0.{n}' --command b='sleep 0.20' "
                                "--size 10,40 --processes 4 --label box");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const std::string says = "- b overtakes a at n=";
  const std::size_t at = outcome.out.find(says);
  ASSERT_NE(at, std::string::npos) << outcome.out;
  EXPECT_NEAR(std::stod(outcome.out.substr(at + says.size())), 20, 7);
  EXPECT_GT(samples_of(only_run(folder), "command").size(), 2U * 2 * 4) << "sizes in between were measured";
}

TEST(Twins, TheBaselinesLargestCellIsTimedTwiceInEveryProcess) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder, kRun);
  ASSERT_EQ(outcome.status, 0);
  std::map<std::string, std::set<std::int64_t>> twins;
  for (const auto& [cell, samples] : samples_of(only_run(folder)))
    if (cell.first.find("aa=") != std::string::npos) twins[cell.first].insert(cell.second);
  EXPECT_EQ(twins.size(), 2U);
  for (const auto& [name, processes] : twins) {
    EXPECT_THAT(name, HasSubstr("matmul/serial/f32/kernel/m:64/n:64/k:64/aa="));
    EXPECT_EQ(processes, (std::set<std::int64_t>{0, 1, 2, 3}));
  }
  EXPECT_THAT(outcome.out, HasSubstr("Noise floor"));
}

}  // namespace
}  // namespace overtake
