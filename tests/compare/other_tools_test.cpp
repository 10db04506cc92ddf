// SPDX-License-Identifier: Apache-2.0
#include "compare/other_tools/other_tools.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "compare/compare.h"
#include "core/results/row.h"
#include "tests/compare/example_run.h"

namespace overtake::compare {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string refusal(const std::string& text) {
  try {
    parse_other_tool(text, "other.file");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

// As Google Benchmark 1.7.1 writes it.
std::string entry(const std::string& name, const std::string& fields = R"("real_time": 2.5e+03, "cpu_time": 2.0e+03)") {
  return R"({"name": ")" + name + R"(", "run_name": ")" + name +
         R"(", "run_type": "iteration", "repetitions": 1, "repetition_index": 0, "threads": 1, "iterations": 100, )" +
         fields + R"(, "time_unit": "us"})";
}
std::string gbench(const std::string& entries) {
  return R"({"context": {"date": "2026-11-21T10:48:30+01:00", "host_name": "secret-host", "num_cpus": 4,
             "library_build_type": "release"}, "benchmarks": [)" +
         entries + "]}";
}

TEST(GoogleBenchmark, NamesBecomeCellsAndTimesSeconds) {
  const Imported file = parse_other_tool(gbench(entry("BM_copy<int>/8/n:16/real_time/threads:2")), "a.json");
  ASSERT_EQ(file.rows.size(), 1U);
  const Row& row = file.rows[0];
  EXPECT_EQ(row.workload, "google_benchmark");
  EXPECT_EQ(row.variant, "BM_copy<int>");
  EXPECT_EQ(row.shape.to_string(), "arg1=8;n=16");
  EXPECT_EQ(row.params.to_string(), "how1=real_time");
  EXPECT_EQ(row.workers_asked, Workers{2});
  EXPECT_EQ(row.scope, Scope::reported);
  EXPECT_DOUBLE_EQ(*row.seconds, 2.5e-3);
  EXPECT_DOUBLE_EQ(*row.cpu_seconds, 2e-3);
  EXPECT_EQ(row.iterations, 100);
  EXPECT_EQ(row.utc, "2026-11-21T09:48:30Z");
  EXPECT_EQ(row.check_method, "unchecked");
}

TEST(GoogleBenchmark, TheHostsNameStaysBehind) {
  const Imported file = parse_other_tool(gbench(entry("BM_a")), "a.json");
  EXPECT_EQ(file.system.dump().find("secret-host"), std::string::npos);
  EXPECT_EQ(file.system["logical_cpus"], 4);
  EXPECT_FALSE(file.identity.empty());
}

TEST(GoogleBenchmark, OurOwnNamesAreReadAsCells) {
  const std::string name = "matmul/openmp/f32/kernel/m:64/n:64/k:64/workers:2";
  const Row row = parse_other_tool(gbench(entry(name)), "a.json").rows.at(0);
  EXPECT_EQ(row.cell().name(), name);
}

TEST(GoogleBenchmark, RepetitionsAreSamplesAndTheirAggregatesLeftOut) {
  const std::string aggregate =
      R"({"name": "BM_a_median", "run_name": "BM_a", "run_type": "aggregate", "aggregate_name": "median",
          "real_time": 9, "cpu_time": 9, "time_unit": "ns"})";
  const Imported file = parse_other_tool(gbench(entry("BM_a") + "," + entry("BM_a") + "," + aggregate), "a.json");
  ASSERT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.rows[0].sample, 0);
  EXPECT_EQ(file.rows[1].sample, 1);
  const Imported alone = parse_other_tool(gbench(aggregate), "a.json");
  ASSERT_EQ(alone.rows.size(), 1U);
  EXPECT_EQ(alone.rows[0].metrics.find("aggregate"), "median of repetitions");
  EXPECT_DOUBLE_EQ(*alone.rows[0].seconds, 9e-9);
}

TEST(GoogleBenchmark, FailedAndSkippedBenchmarksHaveNoTime) {
  const Imported file = parse_other_tool(
      gbench(entry("BM_bad", R"("error_occurred": true, "error_message": "no GPU", "real_time": 0, "cpu_time": 0)")),
      "a.json");
  EXPECT_EQ(file.rows.at(0).status, RowStatus::failed);
  EXPECT_EQ(file.rows.at(0).status_reason, "no GPU");
  EXPECT_EQ(file.rows.at(0).seconds, std::nullopt);
}

TEST(GoogleBenchmark, CountersAreMetricsAlsoWhereTheyAreNoNumbers) {
  const Imported file = parse_other_tool(
      gbench(entry("BM_a", R"("real_time": 2, "cpu_time": 2, "ratio": NaN, "rest": -Infinity, "hits": 7.5,
                              "bytes_per_second": 1e6, "label": "NaN \"Infinity")")),
      "a.json");
  const Row& row = file.rows.at(0);
  EXPECT_EQ(row.metrics.find("hits"), "7.5");
  EXPECT_EQ(row.metrics.find("ratio"), std::nullopt);
  EXPECT_EQ(row.metrics.find("label"), "NaN \"Infinity");
  EXPECT_DOUBLE_EQ(*row.bytes, 2.0);
}

TEST(GoogleBenchmark, HostileFilesAreRefusedWithTheirName) {
  EXPECT_THAT(refusal(gbench(entry("BM_a", R"("real_time": 1e999, "cpu_time": 1)"))),
              AllOf(HasSubstr("other.file: "), HasSubstr("1e999")));
  EXPECT_THAT(refusal(gbench(entry("BM_a", R"("real_time": "fast", "cpu_time": 1)"))),
              AllOf(HasSubstr("benchmark 1 ('BM_a')"), HasSubstr("real_time")));
  EXPECT_THAT(refusal(gbench(entry("BM_a", R"("real_time": NaN, "cpu_time": 1)"))), HasSubstr("real_time"));
  EXPECT_THAT(refusal(gbench(entry("BM_a", R"("real_time": -1, "cpu_time": 1)"))), HasSubstr("at least 0"));
  EXPECT_THAT(refusal(gbench(entry(""))), HasSubstr("benchmark 1 has no name"));
  EXPECT_THAT(refusal(gbench("")), HasSubstr("no times"));
  EXPECT_THAT(refusal(R"({"benchmarks": 3})"), HasSubstr("no list 'benchmarks'"));
  for (const char open : {'[', '{'}) {
    std::string deep = R"({"benchmarks": )";
    for (int i = 0; i < 100000; ++i) deep += open == '[' ? "[" : R"({"a":)";
    EXPECT_THAT(refusal(deep), HasSubstr("nested more than"));
  }
}

TEST(GoogleBenchmark, EveryTruncationIsRefused) {
  const std::string whole = gbench(entry("BM_a"));
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_THAT(refusal(whole.substr(0, size)), HasSubstr("other.file: ")) << size;
}

TEST(GoogleBenchmark, NamesThatSteerATerminalOrAPageAreShownHarmlessly) {
  ExampleRun run;
  run.rows = parse_other_tool(gbench(entry(R"(<script>alert(1)</script>\u001b[31m\u0000)")), "a.json").rows;
  EXPECT_EQ(run.rows[0].variant.find('\0'), std::string::npos);
  const std::string text = comparison_text(compare_runs(run, run)), page = comparison_markdown(compare_runs(run, run));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
  EXPECT_EQ(page.find("<script"),
            page.find("\\<script") == std::string::npos ? std::string::npos : page.find("\\<script") + 1);
}

TEST(GoogleBenchmark, WhatWeWriteIsReadBackCellForCell) {
  ExampleRun run;
  add_cell(run, "matmul/openmp/f32/kernel/m:64/n:64/k:64/workers:2", {{1e-3, 2e-3}, {3e-3}});
  add_status(run, "matmul/serial/f32/kernel/m:64/n:64/k:64/workers:1", RowStatus::wrong, "element 3");
  const auto written = google_benchmark_json(measured_run(run));
  ASSERT_EQ(written["benchmarks"].size(), 3U);
  EXPECT_EQ(written["benchmarks"][2]["repetition_index"], 2);
  const Imported back = parse_other_tool(written.dump(), "a.json");
  ASSERT_EQ(back.rows.size(), 3U);
  EXPECT_EQ(back.rows[2].cell(), run.rows[0].cell());
  EXPECT_DOUBLE_EQ(*back.rows[2].seconds, 3e-3);
}

// nvbench/csv_printer.cu: header names with units, nothing quoted, skipped states without figures.
const std::string kNvbench =
    "Benchmark,Device,Device Name,T,Elements (pow2),Elements,Skipped,Samples,CPU Time (sec),Noise (%),GPU Time (sec),"
    "Noise (%),GlobalMem BW (bytes/sec),BWUtil (%),Samples,Batch GPU (sec)\n"
    "copy,0,NVIDIA H200,I32,2^20,1048576,No,500,2e-05,0.01,1e-05,0.02,8e+11,0.2,5000,9e-06\n"
    "copy,0,NVIDIA H200,I64,2^20,1048576,Yes,,,,,,,,,\n";

TEST(Nvbench, EachTimeIsARowOfItsScope) {
  const Imported file = parse_other_tool(kNvbench, "a.csv");
  ASSERT_EQ(file.rows.size(), 4U);
  const Row& gpu = file.rows[0];
  EXPECT_EQ(gpu.cell().name(), "nvbench/copy/none/device/Elements:1048576/device=0/T=I32/workers:1");
  EXPECT_DOUBLE_EQ(*gpu.seconds, 1e-5);
  EXPECT_EQ(gpu.iterations, 500);
  EXPECT_DOUBLE_EQ(*gpu.bytes, 8e6);
  EXPECT_EQ(gpu.metrics.find("noise"), "0.02");
  EXPECT_EQ(file.rows[1].scope, Scope::reported);
  EXPECT_DOUBLE_EQ(*file.rows[1].seconds, 2e-5);
  EXPECT_EQ(file.rows[2].params.find("measured"), "batch");
  EXPECT_EQ(file.rows[2].iterations, 5000);
  EXPECT_EQ(file.rows[3].status, RowStatus::skipped);
  EXPECT_EQ(file.system["accelerator_model_name"], "NVIDIA H200");
  for (const Row& row : file.rows) EXPECT_EQ(row.check_method, row.status == RowStatus::ok ? "unchecked" : "");
}

TEST(Nvbench, BadLinesAreNamed) {
  EXPECT_THAT(refusal("Benchmark,Skipped,GPU Time (sec)\ncopy,No,quick\n"),
              AllOf(HasSubstr("other.file:2:9"), HasSubstr("'quick'")));
  EXPECT_THAT(refusal("Benchmark,Skipped,GPU Time (sec)\ncopy,No,1e999\n"), HasSubstr("'1e999'"));
  EXPECT_THAT(refusal("Benchmark,Skipped,GPU Time (sec)\ncopy,No,\n"), HasSubstr("no time"));
  EXPECT_THAT(refusal("Benchmark,Skipped,GPU Time (sec)\ncopy,No\n"), HasSubstr("other.file:2:"));
  EXPECT_THAT(refusal("Benchmark,Skipped,Samples\ncopy,No,3\n"), HasSubstr("GPU Time (sec)"));
  EXPECT_THAT(refusal("Benchmark,Skipped,GPU Time (sec)\n"), HasSubstr("no line of a benchmark"));
}

// BabelStream 5.0, main.cpp, with the table of phases that stands before.
const std::string kBabelStream =
    "phase,n_elements,sizeof,max_mbytes_per_sec,runtime\nInit,1000,8,100,0.1\nRead,1000,8,100,0.1\n"
    "function,num_times,n_elements,sizeof,max_mbytes_per_sec,min_runtime,max_runtime,avg_runtime\n"
    "Copy,100,1000,8,16000,1e-06,3e-06,2e-06\nTriad,100,1000,8,24000,1e-06,3e-06,2e-06\n";

TEST(BabelStream, TheTableOfFunctionsIsReadWhateverStandsBefore) {
  for (const std::string& before : {std::string(), std::string("Using CUDA device NVIDIA H200\nDriver: 13000\n")}) {
    const Imported file = parse_other_tool(before + kBabelStream, "a.csv");
    ASSERT_EQ(file.rows.size(), 2U);
    EXPECT_EQ(file.rows[0].cell().name(), "babelstream/Copy/f64/reported/n:1000/workers:all");
    EXPECT_DOUBLE_EQ(*file.rows[0].seconds, 2e-6);
    EXPECT_EQ(file.rows[0].iterations, 99);
    EXPECT_EQ(file.rows[0].bytes, 16000);
    EXPECT_EQ(file.rows[1].bytes, 24000);
    EXPECT_EQ(file.rows[1].metrics.find("min_seconds"), "1e-06");
    EXPECT_EQ(file.rows[0].check_method, "unchecked");
  }
}

TEST(BabelStream, TriadAloneGivesOneTimeForAllRuns) {
  const Imported file = parse_other_tool(
      "function,num_times,n_elements,sizeof,gbytes_per_sec,runtime\nTriad,100,1000,4,12,2e-04\n", "a.csv");
  EXPECT_DOUBLE_EQ(*file.rows.at(0).seconds, 2e-6);
  EXPECT_EQ(file.rows[0].dtype, Dtype::f32);
}

TEST(BabelStream, BadLinesAreNamedByTheFilesOwnLines) {
  std::string bad = kBabelStream;
  bad.replace(bad.rfind("2e-06"), 5, "1e999");
  EXPECT_THAT(refusal(bad), AllOf(HasSubstr("other.file:6:"), HasSubstr("'1e999'")));
  EXPECT_THAT(refusal("function,num_times\nCopy,3\n"), HasSubstr("'n_elements' is missing"));
}

TEST(OtherTools, WhatNobodyKnowsIsRefusedWithWhatIsAccepted) {
  for (const std::string& text : {std::string(), std::string("\n\n"), std::string("hello"), std::string("a,b\n1,2\n"),
                                  std::string("name,iterations,real_time,cpu_time\n")})
    EXPECT_THAT(refusal(text), AllOf(HasSubstr("other.file: "), HasSubstr("--benchmark_out_format=json"))) << text;
  EXPECT_THAT(refusal("schema_version,run_id\n"), HasSubstr("overtake itself"));
}

TEST(OtherTools, ImportedRunsAreComparedButNeverVerified) {
  ExampleRun base, other;
  for (int i = 0; i < 9; ++i) {
    const std::string tail = std::to_string(i);
    base.rows.push_back(
        parse_other_tool(gbench(entry("BM_a", R"("real_time": 1.0)" + tail + R"(, "cpu_time": 1)")), "").rows[0]);
    other.rows.push_back(
        parse_other_tool(gbench(entry("BM_a", R"("real_time": 2.0)" + tail + R"(, "cpu_time": 1)")), "").rows[0]);
  }
  for (ExampleRun* run : {&base, &other})
    for (std::size_t i = 0; i < run->rows.size(); ++i) run->rows[i].sample = static_cast<std::int64_t>(i);
  const Comparison comparison = compare_runs(base, other);
  ASSERT_EQ(comparison.cells.size(), 1U);
  EXPECT_EQ(comparison.cells[0].verdict, Verdict::slower);
  EXPECT_FALSE(comparison.cells[0].base->verified);
  EXPECT_THAT(comparison_text(comparison), HasSubstr("unchecked"));
}

}  // namespace
}  // namespace overtake::compare
