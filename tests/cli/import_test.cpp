// SPDX-License-Identifier: Apache-2.0
// `overtake import` and `show --google-benchmark-json`, with files that the packaged Google Benchmark wrote and with
// its own compare.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/file.h"
#include "core/results/reader.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Import, WhatGoogleBenchmarkWritesIsShownAndComparedButNeverVerified) {
  const TemporaryFolder folder;
  const Outcome written = shell(folder, "other_benchmark --benchmark_out=other.json --benchmark_out_format=json");
  ASSERT_EQ(written.status, 0) << written.err;
  const Outcome imported = shell(folder, "overtake import other.json --label 'Lab PC'");
  ASSERT_EQ(imported.status, 0) << imported.err;
  EXPECT_THAT(imported.out, AllOf(HasSubstr("19 rows of Google Benchmark, not verified"), HasSubstr("overtake show")));
  const fs::path path = only_run(folder);
  EXPECT_EQ(path.parent_path().filename(), "lab-pc");
  std::size_t samples = 0;
  for (const Row& row : read_run(path).rows) {
    if (row.status != RowStatus::ok) continue;
    EXPECT_EQ(row.check_method, "unchecked");
    EXPECT_EQ(row.variant, "BM_add<up>");
    EXPECT_EQ(row.shape.to_string(), "n=64");
    EXPECT_GT(*row.seconds, 0);
    ++samples;
  }
  EXPECT_EQ(samples, 18);
  const std::string run = "'" + path.string() + "'";
  const Outcome shown = shell(folder, "overtake show " + run);
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr("not verified"), HasSubstr("no \"device\"")));
  const Outcome compared = shell(folder, "overtake compare " + run + " " + run);
  EXPECT_THAT(compared.out, AllOf(HasSubstr("(answers unchecked)")));
}

TEST(Import, OurOwnProgramsFilesKeepTheirCells) {
  const TemporaryFolder folder;
  const Outcome written =
      shell(folder,
            "bench_matmul --benchmark_filter=serial/f32/kernel/m:64/n:64/k:64 --benchmark_repetitions=2"
            " --benchmark_out=ours.json --benchmark_out_format=json --out verified");
  ASSERT_EQ(written.status, 0) << written.err;
  ASSERT_EQ(shell(folder, "overtake import ours.json").status, 0);
  bool found = false;
  for (const Row& row : read_run(only_run(folder)).rows) {
    found = found || row.cell().name() == "matmul/serial/f32/kernel/m:64/n:64/k:64/workers:1";
    EXPECT_EQ(row.check_method, "unchecked");
  }
  EXPECT_TRUE(found);
  // Verified against not verified: no verdict.
  const Outcome compared = shell(folder, "overtake compare verified '" + only_run(folder).string() + "'");
  EXPECT_THAT(compared.out, HasSubstr("not comparable: verified on one side only"));
}

TEST(Import, FilesOfTwoMachinesNeedALabel) {
  const TemporaryFolder folder;
  for (const char* name : {"a", "b"})
    write_file(folder / (std::string(name) + ".json"),
               std::string(R"({"context": {"host_name": ")") + name +
                   R"("}, "benchmarks": [{"name": "x", "real_time": 1, "cpu_time": 1}]})");
  const Outcome refused = shell(folder, "overtake import a.json b.json");
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("a.json and b.json"), HasSubstr("--label")));
  EXPECT_FALSE(fs::exists(folder / "results"));
  ASSERT_EQ(shell(folder, "overtake import a.json b.json --label both").status, 0);
  const auto run = read_run(only_run(folder));
  ASSERT_EQ(run.rows.size(), 2U);
  EXPECT_NE(run.rows[0].process, run.rows[1].process);
}

TEST(Export, IsWhatGoogleBenchmarksComparePyReads) {
  if (std::system("test -f /usr/share/benchmark/compare.py && /usr/bin/python3 -c 'import scipy' 2>/dev/null") != 0)
    GTEST_SKIP() << "compare.py or SciPy is not installed: apt-get install libbenchmark-tools python3-scipy";
  const TemporaryFolder folder;
  ASSERT_EQ(
      shell(folder,
            "bench_matmul --benchmark_filter=serial/f32/kernel/m:64/n:64/k:64 --benchmark_repetitions=9 --out run")
          .status,
      0);
  ASSERT_EQ(shell(folder, "overtake show run --google-benchmark-json ours.json").status, 0);
  const Outcome compared =
      shell(folder, "/usr/bin/python3 /usr/share/benchmark/compare.py --no-color benchmarks ours.json ours.json");
  EXPECT_EQ(compared.status, 0) << compared.err;
  EXPECT_THAT(compared.out, AllOf(HasSubstr("matmul/serial/f32/kernel/m:64/n:64/k:64/workers:1_pvalue"),
                                  HasSubstr("Repetitions: 9 vs 9"), HasSubstr("OVERALL_GEOMEAN")));
}

}  // namespace
}  // namespace overtake
