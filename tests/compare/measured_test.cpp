// SPDX-License-Identifier: Apache-2.0
#include "compare/measured.h"

#include <gtest/gtest.h>

#include "tests/compare/example_run.h"

namespace overtake::compare {
namespace {

const std::string kOpenmp = "matmul/openmp/f32/kernel/m:64/n:64/k:64/workers:2";

TEST(Measured, SamplesAreKeptByProcess) {
  ExampleRun run;
  add_cell(run, kOpenmp, {{1, 2, 3}, {4, 5, 9}});
  const auto cells = measured_cells(run.rows);
  ASSERT_EQ(cells.size(), 1U);
  EXPECT_EQ(cells[0].seconds, (Processes{{1, 2, 3}, {4, 5, 9}}));
  EXPECT_DOUBLE_EQ(cells[0].median(), 3.5);
  EXPECT_TRUE(cells[0].verified);
  EXPECT_EQ(cells[0].way(), "openmp with 2 workers");
}

// bench_matmul.csv and bench_preprocess.csv of one run both hold ceilings of their process 0.
TEST(Measured, TwoProgramsWithTheSameProcessNumberAreTwoProcesses) {
  ExampleRun run;
  add_cell(run, kOpenmp, {{1, 2}});
  add_cell(run, kOpenmp, {{3, 4}});
  EXPECT_EQ(measured_cells(run.rows)[0].seconds, (Processes{{1, 2}, {3, 4}}));
}

TEST(Measured, OneWrongAnswerSpoilsTheCell) {
  ExampleRun run;
  add_cell(run, kOpenmp, {{1, 2}});
  add_status(run, kOpenmp, RowStatus::wrong, "element 3");
  add_cell(run, kOpenmp, {{3}});
  const auto cells = measured_cells(run.rows);
  EXPECT_EQ(cells[0].status, RowStatus::wrong);
  EXPECT_EQ(cells[0].reason, "element 3");
  EXPECT_TRUE(cells[0].seconds.empty());
}

TEST(Measured, SkippedInOneProcessAndMeasuredInAnotherIsMeasured) {
  ExampleRun run;
  add_status(run, kOpenmp, RowStatus::skipped, "no memory");
  add_cell(run, kOpenmp, {{1, 2}});
  const auto cells = measured_cells(run.rows);
  EXPECT_TRUE(cells[0].is_ok());
  EXPECT_EQ(cells[0].reason, "");
  EXPECT_TRUE(cells[0].verified);
}

TEST(Measured, UncheckedSamplesAreNeverVerified) {
  for (const char* method : {"unchecked", ""}) {
    ExampleRun run;
    add_cell(run, kOpenmp, {{1}});
    Row row = example_row(kOpenmp);
    row.check_method = method;
    add_samples(run, row, {{1, 2}});
    add_cell(run, kOpenmp, {{1}});
    const auto cells = measured_cells(run.rows);
    EXPECT_FALSE(cells[0].verified);
    EXPECT_EQ(cells[0].check_method, method);
  }
}

// Programs interleave cells, in another order each time.
TEST(Measured, CellsStandInTheOrderOfTheirPlacesWhateverTheOrderOfRows) {
  ExampleRun run;
  for (const char* name :
       {"ceiling/fma/f32/kernel/level:registers/workers:1", "matmul/openmp/f32/kernel/m:1024/n:64/k:64/workers:all",
        "matmul/openmp/f32/kernel/m:128/n:64/k:64/workers:all", "matmul/openmp/f32/kernel/m:128/n:64/k:64/workers:2",
        "matmul/serial_naive/f32/kernel/m:128/n:64/k:64/workers:1", "matmul/serial/f32/device/m:1/n:1/k:1/workers:1",
        "matmul/serial/f32/kernel/m:128/n:64/k:64/workers:1"})
    add_cell(run, name, {{1}});
  std::string order;
  for (const Measured& cell : measured_cells(run.rows)) order += cell.cell.name() + "\n";
  EXPECT_EQ(order,
            "matmul/serial/f32/kernel/m:128/n:64/k:64/workers:1\n"
            "matmul/serial_naive/f32/kernel/m:128/n:64/k:64/workers:1\n"
            "matmul/openmp/f32/kernel/m:128/n:64/k:64/workers:2\n"
            "matmul/openmp/f32/kernel/m:128/n:64/k:64/workers:all\n"
            "matmul/openmp/f32/kernel/m:1024/n:64/k:64/workers:all\n"
            "matmul/serial/f32/device/m:1/n:1/k:1/workers:1\n"
            "ceiling/fma/f32/kernel/level:registers/workers:1\n");
}

TEST(Measured, NumbersInParametersStandInTheOrderOfTheirValue) {
  ExampleRun run;
  for (const char* calls : {"100", "2", "10", "0.5"})
    add_cell(run, "matmul/serial/f32/end_to_end/m:8/n:8/k:8/calls=" + std::string(calls) + "/workers:1", {{1}});
  std::string order;
  for (const Measured& cell : measured_cells(run.rows)) order += cell.cell.params.to_string() + " ";
  EXPECT_EQ(order, "calls=0.5 calls=2 calls=10 calls=100 ");
}

TEST(Measured, KeysIgnoreTheOrderOfKeysAndNothingElse) {
  const Cell cell = Cell::parse("w/v/f32/kernel/a:1/b:2/p=1/q=2/workers:2");
  EXPECT_EQ(key_of(cell), key_of(Cell::parse("w/v/f32/kernel/b:2/a:1/q=2/p=1/workers:2")));
  for (const char* other : {"x/v/f32/kernel/a:1/b:2/p=1/q=2/workers:2", "w/x/f32/kernel/a:1/b:2/p=1/q=2/workers:2",
                            "w/v/f64/kernel/a:1/b:2/p=1/q=2/workers:2", "w/v/f32/device/a:1/b:2/p=1/q=2/workers:2",
                            "w/v/f32/kernel/a:1/b:3/p=1/q=2/workers:2", "w/v/f32/kernel/a:1/b:2/p=1/q=3/workers:2",
                            "w/v/f32/kernel/a:1/b:2/p=1/workers:2", "w/v/f32/kernel/a:1/b:2/p=1/q=2/workers:all"})
    EXPECT_NE(key_of(cell), key_of(Cell::parse(other))) << other;
}

TEST(Measured, CeilingsAreFoundByBoundDtypeAndWorkers) {
  ExampleRun run;
  add_fma_ceiling(run, "2", 100e9);
  Row copy = example_row("ceiling/copy/f32/kernel/level:memory/workers:2");
  copy.bytes = 1e9;
  add_samples(run, copy, {{0.1, 0.05}});
  Row read = example_row("ceiling/read/f32/kernel/level:memory/workers:2");
  read.bytes = 1e9;
  add_samples(run, read, {{0.1, 0.04}});
  const auto cells = measured_cells(run.rows);
  const Ceilings ceilings(cells);
  Measured row;
  row.cell = Cell::parse("matmul/openmp/f32/kernel/m:64/n:64/k:64/workers:2");
  row.bound = "fma";
  EXPECT_NEAR(ceilings.best_for(row).value(), 100e9, 1);
  row.bound = "memory";
  EXPECT_NEAR(ceilings.best_for(row).value(), 25e9, 1);
  row.bound = "L1";
  EXPECT_FALSE(ceilings.best_for(row));
  row.bound = "fma";
  row.cell.dtype = Dtype::f64;
  EXPECT_FALSE(ceilings.best_for(row));
  row.cell = Cell::parse("matmul/openmp/f32/kernel/m:64/n:64/k:64/workers:1");
  EXPECT_FALSE(ceilings.best_for(row));
  EXPECT_NEAR(ceilings.best_for(cells[0]).value(), 20e9, 1);  // a ceiling is its own
}

}  // namespace
}  // namespace overtake::compare
