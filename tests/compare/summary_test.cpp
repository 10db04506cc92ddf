// SPDX-License-Identifier: Apache-2.0
#include "compare/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/compare/example_run.h"

namespace overtake::compare {
namespace {

using testing::HasSubstr;
using testing::Not;

const Baselines kBaselines = {{"matmul", "serial"}, {"preprocess", "serial"}, {"ceiling", ""}};

ExampleRun small_run() {
  ExampleRun run;
  run.system = {{"host_processor_model_name", "AMD EPYC-Milan Processor"},
                {"physical_cores", 2},
                {"physical_cores_allowed", 2},
                {"host_memory_capacity", "24.0 GiB"},
                {"accelerators_per_node", nullptr},
                {"distortions", {"SMT is on: use one worker a core."}}};
  const auto add = [&](const std::string& name, double seconds, double fraction) {
    Row row = example_row(name);
    row.ceiling_fraction = fraction;
    add_samples(run, row, around(seconds));
  };
  add("matmul/serial/f32/kernel/m:64/n:64/k:64/workers:1", 6e-6, 0.79);
  add("matmul/openmp/f32/kernel/m:64/n:64/k:64/workers:all", 9e-6, 0.26);
  add("matmul/serial/f32/kernel/m:1024/n:1024/k:1024/workers:1", 0.0235, 0.82);
  add("matmul/openmp/f32/kernel/m:1024/n:1024/k:1024/workers:all", 0.0123, 0.78);
  add_status(run, "matmul/cuda_naive/f32/kernel/m:64/n:64/k:64/workers:1", RowStatus::skipped, "nvcc was not found");
  add_status(run, "matmul/thrust/f32/kernel/m:64/n:64/k:64/workers:1", RowStatus::skipped, "nvcc was not found");
  add_status(run, "matmul/serial_naive/f32/kernel/m:64/n:64/k:64/workers:1", RowStatus::wrong, "element (3, 4)");
  add_fma_ceiling(run, "1", 55.4e9);
  return run;
}

TEST(Summary, IsWhatAPersonNeeds) {
  EXPECT_EQ(summary_markdown(small_run(), kBaselines), R"(# AMD EPYC-Milan Processor, 2 cores, 24.0 GiB, no GPU seen

> **Distorted:** SMT is on: use one worker a core.

Run 20261121T071524Z-quick on amd-epyc-2c-24g-1a2b3c4d, 2026-11-21, revision 9985ec8: 134 samples.

## matmul

### m=n=k=64, f32, kernel

| variant      | workers |  median | spread |         rate | of ceiling | vs serial | verified by    |
| ------------ | ------: | ------: | -----: | -----------: | ---------: | --------: | -------------- |
| serial       |       1 | 6.00 us |  1.5 % | 87.4 GFLOP/s |   79 % fma |     1.00x | reference      |
| serial_naive |       1 |         |        |              |            |           | no time: wrong |
| openmp       | 2 (all) | 9.00 us |  1.5 % | 58.3 GFLOP/s |   26 % fma |     0.67x | reference      |

### m=n=k=1024, f32, kernel

| variant | workers |  median | spread |         rate | of ceiling | vs serial | verified by |
| ------- | ------: | ------: | -----: | -----------: | ---------: | --------: | ----------- |
| serial  |       1 | 23.5 ms |  1.5 % | 91.4 GFLOP/s |   82 % fma |     1.00x | reference   |
| openmp  | 2 (all) | 12.3 ms |  1.5 % |  175 GFLOP/s |   78 % fma |     1.91x | reference   |

**Who overtakes whom**

f32, kernel:

- Fastest: serial at m=n=k=64; openmp with 2 workers at 1024.
- openmp with 2 workers overtakes serial at m=n=k=1024, the largest size measured (1.91x).

## ceiling

### f32, kernel

| size            | variant | workers |  median | spread |         rate |         best | verified by |
| --------------- | ------- | ------: | ------: | -----: | -----------: | -----------: | ----------- |
| level=registers | fma     |       1 | 18.4 ms |  1.5 % | 54.3 GFLOP/s | 55.4 GFLOP/s | reference   |

## Wrong, implausible or failed: no time is reported

- matmul/serial_naive/f32/kernel/m:64/n:64/k:64/workers:1: wrong: element (3, 4)

## Skipped

- matmul cuda_naive and matmul thrust (2 cells): nvcc was not found

median: over processes, of the median of each one's samples.
spread: interquartile range of all samples over their median.
of ceiling: share of what this machine can do at most, and what bounds it.
≈: the 95 % interval of the ratio contains 1.
)");
}

TEST(Summary, RowsOfATableGiveRowsPerSecond) {
  ExampleRun run;
  Row row = example_row("preprocess/serial/f32/kernel/rows:1000000/cols:8/workers:1");
  row.flops = 1e7;
  add_samples(run, row, around(0.05));
  EXPECT_THAT(summary_markdown(run, kBaselines), HasSubstr("20.0 M rows/s"));
}

TEST(Summary, UnmeasuredSystemIsSaidAndNotGuessed) {
  ExampleRun run;
  run.label = "results/x.csv";
  const std::string text = summary_markdown(run, kBaselines);
  EXPECT_THAT(text, HasSubstr("A machine without system.json"));
  EXPECT_THAT(text, HasSubstr("Nothing was measured."));
}

TEST(Summary, UncheckedAnswersAreNeverCalledVerified) {
  ExampleRun run;
  for (const char* variant : {"cpu", "gpu"}) {
    Row row = example_row(std::string("command/") + variant + "/none/cold_start/n:1000/workers:1");
    row.check_method = "unchecked";
    row.strategy = Strategy::serial;
    add_samples(run, row, around(variant[0] == 'c' ? 0.5 : 0.2));
  }
  const std::string text = summary_markdown(run, kBaselines);
  EXPECT_THAT(text, HasSubstr("not verified"));
  EXPECT_THAT(text, HasSubstr("vs cpu"));  // a user's workload: its first variant is the baseline
  EXPECT_THAT(text, HasSubstr("At n=1000, gpu (2.50x) overtakes cpu."));
}

TEST(Summary, OneProcessSaysWhatWasNotSeen) {
  ExampleRun run;
  add_cell(run, "matmul/serial/f32/kernel/m:64/n:64/k:64/workers:1", {{1, 2, 3}});
  EXPECT_THAT(summary_markdown(run, kBaselines), HasSubstr("differences between processes were not seen"));
  EXPECT_THAT(summary_markdown(small_run(), kBaselines), Not(HasSubstr("were not seen")));
}

TEST(Summary, NamesFromAFileCannotSteerATerminalOrAPage) {
  ExampleRun run;
  Row row = example_row("matmul/serial/f32/kernel/m:64/n:64/k:64/workers:1");
  row.variant = "<b>\x1b[31m|x";
  row.workload = "a\nb<script>";
  row.flops = 1e9;
  add_samples(run, row, around(1));
  row.status = RowStatus::skipped;
  row.variant = "other";
  row.status_reason = "\x1b]0;title\x07<img>";
  run.rows.push_back(row);
  run.system = {{"host_processor_model_name", "\x1b[2J<script>"}, {"distortions", {"\x1b[2J"}}};
  run.notes = {"\x1b[2J<i>"};
  const std::string text = summary_markdown(run, kBaselines);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_THAT(text, Not(testing::ContainsRegex("[^\\\\]<")));
}

TEST(Summary, NotesOfTheReaderAreKept) {
  ExampleRun run;
  run.notes = {"bench.csv:3: the last record has no end and was dropped"};
  EXPECT_THAT(summary_markdown(run, kBaselines), HasSubstr("Note: bench.csv:3: the last record has no end"));
}

}  // namespace
}  // namespace overtake::compare
