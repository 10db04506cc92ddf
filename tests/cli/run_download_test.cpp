// SPDX-License-Identifier: Apache-2.0
// Downloads as a workload: generated files, the user's own URLs, and the talk's table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/file.h"
#include "core/results/reader.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(RunDownload, TimesEveryStrategyInEveryScope) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder,
                                "overtake run download --size 8x1k --param in_flight=4 --param latency_ms=0,2 --scope "
                                "kernel,end_to_end,cold_start --repetitions 2 --processes 1 --label box");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  std::set<std::string> timed;
  for (const Row& row : read_run(only_run(folder)).rows) {
    if (row.workload != "download") continue;
    EXPECT_EQ(row.status, RowStatus::ok) << row.cell().name() << row.status_reason;
    EXPECT_EQ(row.dtype, Dtype::none);
    EXPECT_EQ(row.check_method, "sha256");
    EXPECT_EQ(row.bytes, 2 * 8 * 1000);
    if (row.params.contains("aa")) continue;
    EXPECT_TRUE(std::set<std::string>({"latency", "origin", "disk"}).contains(row.bound)) << row.bound;
    const bool serves = row.variant == "threads" || row.variant == "processes";
    EXPECT_EQ(row.workers, serves ? 4 : 1) << row.cell().name();
    if (row.scope == Scope::kernel) {
      for (const char* key : {"connections_opened", "connections_reused", "retries", "peak_memory_bytes", "target"})
        EXPECT_TRUE(row.metrics.contains(key)) << key;
    }
    timed.insert(row.variant + " " + std::string(to_string(row.scope)) + *row.params.find("latency_ms"));
  }
  EXPECT_EQ(timed.size(), 4U * 3 * 2);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("vs sequential"), HasSubstr("files/s")));
}

TEST(RunDownload, SizesChooseSlicesOrMakeCellsOfTheirOwn) {
  const TemporaryFolder folder;
  const auto count = [&](const std::string& flags) {
    const Outcome outcome = shell(folder, "overtake run download --list " + flags);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return std::ranges::count(outcome.out, '\n');
  };
  EXPECT_EQ(count(""), 12 * 4 + 1 + 5 * 3 + 4 * 4 + 3 * 4 + 2 * 4);
  EXPECT_EQ(count("--size 100x100k"), 12 * 4 + 1 + 5 * 3);
  EXPECT_EQ(count("--size 2kx10000"), 4 * 4);
  EXPECT_EQ(count("--size 7x10k"), 4);
  EXPECT_EQ(count("--size 100x100k --param latency_ms=598 --param in_flight=10,100 --strategy async"), 2);
  EXPECT_THAT(shell(folder, "overtake run download --dtype f32 --size 7 --list").out, HasSubstr("has no f32 form"));
  EXPECT_EQ(shell(folder, "overtake run download --size 7xx --list").status, 2);
  EXPECT_TRUE(files_in(folder).empty());
}

// An origin that is there for the rest of the line; its log says what was asked.
std::string with_origin(const std::string& query, int files) {
  return "mkfifo hold; overtake do origin --log log --list list --files " + std::to_string(files) +
         " --size 1k --query '" + query + "' < hold > at & exec 9> hold; until [ -s at ]; do sleep 0.01; done; ";
}

TEST(RunDownload, AsksUsersServersAsOftenAsItSays) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(
      folder, with_origin("", 5) +
                  "overtake run download --urls list --param allow_private=127.0.0.1 --repetitions 2 --label box");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("40 requests for the 5 URLs of list"));
  const std::string log = read_file(folder / "log");
  EXPECT_EQ(std::ranges::count(log, '\n'), 40);
  for (const Row& row : read_run(only_run(folder)).rows) {
    EXPECT_EQ(row.status, RowStatus::ok) << row.status_reason;
    EXPECT_EQ(row.shape.to_string(), "files=5");
    EXPECT_EQ(row.params.find("urls"), "list");
    EXPECT_EQ(row.bound, "");
  }
}

TEST(RunDownload, SaysWhatAUsersServerAnswered) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder, with_origin("status=404", 1) +
                                            "overtake run download --urls list --param allow_private=127.0.0.1 "
                                            "--strategy async --repetitions 1 --label box");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("http_404"));
}

TEST(RunDownload, AsksBeforeItMakesManyRequests) {
  const TemporaryFolder folder;
  std::string list;
  for (int i = 0; i < 300; ++i) list += "http://192.0.2.1/" + std::to_string(i) + "\n";
  write_file(folder / "list", list);
  const Outcome outcome = shell(folder, "overtake run download --urls list --strategy async --repetitions 4");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("1200 requests"), HasSubstr("--yes")));
  EXPECT_EQ(files_in(folder).size(), 1U);
  for (const char* flags : {"--size 5", "--quick", "--budget 1m", "--data x.csv", "--breakeven async,threads"})
    EXPECT_EQ(shell(folder, std::string("overtake run download --urls list ") + flags).status, 2) << flags;
  EXPECT_EQ(shell(folder, "overtake run matmul --urls list").status, 2);
  EXPECT_EQ(shell(folder, "overtake run download --urls nowhere").status, 2);
}

TEST(BenchDownload, LeavesNoFolderWhenItIsInterrupted) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder,
                                "mkdir tmp; TMPDIR=$PWD/tmp bench_download "
                                "'--benchmark_filter=sequential.*latency_ms=598' & main=$!; until ls tmp/*/*.bin; do "
                                "sleep 0.01; done; kill -TERM $main; wait $main; echo status $?; ls -A tmp");
  EXPECT_THAT(outcome.out, ::testing::EndsWith("status 130\n"));
}

TEST(RunDownload, ReplaysATalksTable) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder, "overtake run download --talk --scale 0.002 --label box");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("| sequential |         1 |  0.1196 s |"),
                                 HasSubstr("| threads    |        10 | 0.01224 s |"),
                                 HasSubstr("| processes  |         5 | 0.01712 s |"),
                                 HasSubstr("| async      |         8 |"), HasSubstr("| async      |       100 |")));
  EXPECT_THAT(outcome.out, HasSubstr("The published 8.56 s of 5 processes lie under"));
  EXPECT_THAT(outcome.out, HasSubstr("11.96 s"));
  int samples = 0;
  for (const Row& row : read_run(only_run(folder)).rows) {
    EXPECT_EQ(row.status, RowStatus::ok) << row.status_reason;
    EXPECT_EQ(row.params.find("latency_ms"), "1.196");
    ++samples;
  }
  EXPECT_EQ(samples, 5);
  for (const char* flags : {"--param in_flight=3", "--size 5", "--scale 0", "--variant async"})
    EXPECT_EQ(shell(folder, std::string("overtake run download --talk ") + flags).status, 2) << flags;
  EXPECT_EQ(shell(folder, "overtake run download --scale 0.1").status, 2);
}

}  // namespace
}  // namespace overtake
