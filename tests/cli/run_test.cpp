// SPDX-License-Identifier: Apache-2.0
// The main job, as a user types it, on problems small enough for a test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/file.h"
#include "core/results/reader.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kSmall = " --size 32 --repetitions 2 --processes 2 --label box --out results";

TEST(Run, WritesAFolderThatShowsAgain) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder, std::string("overtake run matmul --dtype f32") + kSmall);
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const fs::path run_folder = only_run(folder);
  EXPECT_EQ(run_folder.parent_path().filename(), "box");
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(run_folder)) names.insert(entry.path().filename());
  EXPECT_EQ(names, (std::set<std::string>{"bench_matmul.csv", "summary.md", "system.json"}));

  const auto run = read_run(run_folder);
  EXPECT_TRUE(run.notes.empty());
  std::set<std::string> timed;
  std::set<std::int64_t> processes;
  for (const Row& row : run.rows) {
    EXPECT_EQ(row.system_id, "box");
    if (row.status == RowStatus::skipped) {
      EXPECT_NE(row.status_reason, "");
      continue;
    }
    EXPECT_EQ(row.status, RowStatus::ok) << row.cell().name() << row.status_reason;
    EXPECT_GT(*row.seconds, 0);
    EXPECT_LE(*row.check_error, *row.check_tolerance);
    processes.insert(*row.process);
    if (row.workload == "matmul") timed.insert(row.variant);
  }
  EXPECT_EQ(processes, (std::set<std::int64_t>{0, 1}));
  for (const char* variant : {"serial_naive", "serial", "openmp", "processes"})
    EXPECT_TRUE(timed.contains(variant)) << variant;

  const Outcome again = shell(folder, "overtake show " + run_folder.string());
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(outcome.out, HasSubstr(again.out.substr(0, again.out.size() - 1)));
  EXPECT_THAT(outcome.err, HasSubstr("samples"));
}

// As many threads as the problem is worth and the environment allows: the row says how many took part.
TEST(Run, OpenMpTakesNoMoreThreadsThanItsVariableAllowsAndSaysHowMany) {
  for (const auto& [environment, most] :
       {std::pair{"", 3}, std::pair{"OMP_NUM_THREADS=2 OMP_PROC_BIND=close OMP_PLACES=threads ", 2}}) {
    const TemporaryFolder folder;
    const Outcome outcome = shell(folder, environment + std::string("overtake run matmul --variant openmp --dtype f32 "
                                                                    "--scope kernel --workers 3 --size 16,256,512 "
                                                                    "--repetitions 1 --processes 1 --label box"));
    std::map<std::string, std::int64_t> workers;
    for (const Row& row : read_run(only_run(folder)).rows)
      if (row.variant == "openmp") {
        EXPECT_EQ(row.workers_asked.count, 3);
        workers[row.shape.to_string()] = row.workers.value_or(-1);
      }
    EXPECT_EQ(workers, (std::map<std::string, std::int64_t>{
                           {"m=16;n=16;k=16", 1}, {"m=256;n=256;k=256", most}, {"m=512;n=512;k=512", most}}))
        << outcome.err;
  }
}

TEST(Run, ACellSlowedByTheTestHookSaysSo) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder, std::string("OVERTAKE_TEST_SLOWDOWN='matmul/serial/f32/kernel/m:32/n:32/k:32/"
                                                    "workers:1*1.5' overtake run matmul --dtype f32 --scope kernel "
                                                    "--variant serial,serial_naive") +
                                            kSmall);
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  int slowed = 0;
  for (const Row& row : read_run(only_run(folder)).rows) {
    EXPECT_EQ(row.metrics.contains("slowed"), row.variant == "serial" && row.params.empty());
    slowed += row.metrics.contains("slowed");
  }
  EXPECT_GT(slowed, 0);
  EXPECT_NE(shell(folder, std::string("OVERTAKE_TEST_SLOWDOWN=serial overtake run matmul --dtype f32") + kSmall).status,
            0);
}

TEST(Run, EveryVariantOfTheSourcesIsARowOrASkippedRowWithItsReason) {
  const TemporaryFolder folder;
  ASSERT_EQ(shell(folder, std::string("overtake run matmul --dtype f32 --scope kernel") + kSmall).status, 0);
  std::set<std::string> seen;
  for (const Row& row : read_run(only_run(folder)).rows)
    if (row.workload == "matmul") seen.insert(row.variant);
  for (const char* variant : {"cuda_naive", "thrust", "cublas", "openblas"})
    EXPECT_TRUE(seen.contains(variant)) << variant;
}

TEST(Run, ListShowsTheCellsAndTimesNothing) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(
      folder, "overtake run matmul --size 8,4x5x6 --dtype f32 --scope kernel --variant serial --param pad=0,3 --list");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out,
            "matmul/serial/f32/kernel/m:8/n:8/k:8/pad=0/workers:1\n"
            "matmul/serial/f32/kernel/m:8/n:8/k:8/pad=3/workers:1\n"
            "matmul/serial/f32/kernel/m:4/n:5/k:6/pad=0/workers:1\n"
            "matmul/serial/f32/kernel/m:4/n:5/k:6/pad=3/workers:1\n");
  EXPECT_TRUE(files_in(folder).empty());
}

TEST(Run, TakesTheUsersOwnTable) {
  for (const auto& [workload, flags] : {std::pair<std::string, std::string>{"preprocess", "--scope kernel,cold_start"},
                                        {"summarize", "--scope kernel --param part=all"}}) {
    const TemporaryFolder folder;
    fs::copy_file(fs::path(OVERTAKE_TEST_DATA) / "penguins.csv", folder / "penguins.csv");
    const Outcome outcome = shell(folder, "overtake run " + workload + " --data penguins.csv " + flags +
                                              " --repetitions 2 --processes 1 --label box");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    std::set<std::string> timed;
    for (const Row& row : read_run(only_run(folder)).rows)
      if (row.workload == workload && row.status == RowStatus::ok) {
        timed.insert(row.variant);
        EXPECT_EQ(row.params.find("data"), "penguins.csv");
        EXPECT_EQ(row.shape.find("rows"), "344");
      }
    for (const char* variant : {"serial_naive", "serial", "openmp", "processes"})
      EXPECT_TRUE(timed.contains(variant)) << workload << ' ' << variant;
  }
}

TEST(Run, ReadsTheUsersOwnTableAlsoInFreshProcesses) {
  const TemporaryFolder folder;
  fs::copy_file(fs::path(OVERTAKE_TEST_DATA) / "penguins.csv", folder / "penguins.csv");
  const Outcome outcome = shell(folder,
                                "overtake run read_csv --data penguins.csv --dtype f64 --scope kernel,cold_start "
                                "--repetitions 2 --processes 1 --label box");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  std::set<std::string> timed;
  for (const Row& row : read_run(only_run(folder)).rows)
    if (row.workload == "read_csv" && row.scope == Scope::cold_start && row.status == RowStatus::ok)
      timed.insert(row.variant);
  for (const char* variant : {"serial", "openmp"}) EXPECT_TRUE(timed.contains(variant)) << variant;
}

TEST(Run, TimesYourOwnCommandsAndComparesTheirOutput) {
  const TemporaryFolder folder;
  const Outcome outcome =
      shell(folder,
            "overtake run --command seq='seq {n}' --command awk='awk \"BEGIN{for(i=1;i<={n};i++)print i}\"' "
            "--size 10,100 --repetitions 2 --processes 1 --label box");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  int rows = 0;
  for (const Row& row : read_run(only_run(folder)).rows) {
    if (row.params.contains("aa")) continue;
    ++rows;
    EXPECT_EQ(row.status, RowStatus::ok) << row.status_reason;
    EXPECT_EQ(row.scope, Scope::cold_start);
    EXPECT_EQ(row.check_method, "equal_output");
  }
  EXPECT_EQ(rows, 8);
}

TEST(Run, OfCommandsIsUncheckedWhereOutputsDifferAndWrongWhereTheCheckFails) {
  const TemporaryFolder folder;
  ASSERT_EQ(shell(folder,
                  "overtake run --command a='echo a' --command b='echo b' --repetitions 1 --processes 1 --label differ")
                .status,
            0);
  for (const Row& row : read_run(only_run(folder)).rows) EXPECT_EQ(row.check_method, "unchecked");

  const TemporaryFolder other;
  write_file(other / "want", "a\n");
  const Outcome outcome = shell(other,
                                "overtake run --command a='echo a' --command b='echo b' --check 'cmp {output} want' "
                                "--repetitions 1 --processes 1 --label differ");
  EXPECT_EQ(outcome.status, 1) << outcome.out;
  for (const Row& row : read_run(only_run(other)).rows) {
    EXPECT_EQ(row.check_method, "command");
    EXPECT_EQ(row.status, row.variant == "a" ? RowStatus::ok : RowStatus::wrong);
    EXPECT_EQ(row.seconds.has_value(), row.variant == "a");
  }
}

TEST(Run, ReadsTheSecondsThatACommandReports) {
  const TemporaryFolder folder;
  ASSERT_EQ(shell(folder,
                  "overtake run --command a='echo took 1.5 s' --seconds-from 'took ([0-9.]+)' --repetitions 2 "
                  "--processes 1 --label box")
                .status,
            0);
  for (const Row& row : read_run(only_run(folder)).rows) {
    EXPECT_EQ(row.scope, Scope::reported);
    EXPECT_EQ(row.seconds, 1.5);
  }
}

TEST(Run, ReportsACommandThatFails) {
  const TemporaryFolder folder;
  const Outcome outcome =
      shell(folder, "overtake run --command a='echo oops >&2; exit 3' --repetitions 1 --processes 1 --label box");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("status 3"), HasSubstr("oops")));
}

TEST(BenchProgram, IsUsableAloneWithGoogleBenchmarksFlags) {
  const TemporaryFolder folder;
  const Outcome outcome =
      shell(folder,
            "bench_matmul --out alone '--benchmark_filter=serial/f32/kernel/m:64/n:64/k:64/workers:1$' "
            "--benchmark_repetitions=3 --benchmark_min_time=0.001 --benchmark_out=report.json");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("matmul/serial/f32/kernel/m:64/n:64/k:64/workers:1"));
  const auto json = nlohmann::json::parse(read_file(folder / "report.json"));
  EXPECT_GE(json["benchmarks"].size(), 3U);
  const Results results = read_results(folder / "alone" / "bench_matmul.csv");
  int samples = 0;
  for (const Row& row : results.rows) samples += row.workload == "matmul" ? 1 : 0;
  EXPECT_EQ(samples, 3);
}

}  // namespace
}  // namespace overtake
