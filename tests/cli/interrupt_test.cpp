// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and a killed parent: rows so far are kept, nothing is left behind.
#include <gtest/gtest.h>

#include <chrono>

#include "core/results/reader.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLongRun =
    "overtake run matmul --size 64,1024 --scope kernel --dtype f32 --repetitions 50 --processes 20 --label box";

// Programs of ours that still work in `folder` (their --out is there).
std::string left_behind(const TemporaryFolder& folder) {
  return shell(
             folder,
             "sleep 0.2; for p in /proc/[0-9]*; do d=$(readlink $p/cwd 2>/dev/null); e=$(readlink $p/exe 2>/dev/null); "
             "case \"$e\" in " OVERTAKE_BIN "/bench_*|" OVERTAKE_BIN
             "/overtake) [ \"$d\" = \"$PWD\" ] && echo $e;; esac; done")
      .out;
}

TEST(Interrupt, KeepsTheRowsAndEndsWithinASecond) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder, std::string(kLongRun) +
                                            " & pid=$!; until [ $(cat results/box/*/bench_matmul.csv.part 2>/dev/null "
                                            "| wc -l) -gt 3 ]; do sleep 0.1; done; "
                                            "date +%s%N > before; kill -INT $pid; wait $pid; status=$?; "
                                            "date +%s%N > after; exit $status");
  EXPECT_EQ(outcome.status, 130) << outcome.err;
  const Outcome elapsed = shell(folder, "echo $(( ($(cat after) - $(cat before)) / 1000000 ))");
  EXPECT_LT(std::stoi(elapsed.out), 2000) << "milliseconds";  // a second, and room for a loaded machine
  int rows = 0;
  bool part = false;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "results")) {
    part = part || entry.path().extension() == ".part";
    if (entry.path().filename() != "bench_matmul.csv") continue;
    const Results results = read_results(entry.path());
    rows += static_cast<int>(results.rows.size());
    EXPECT_TRUE(results.notes.empty());
  }
  EXPECT_GT(rows, 0);
  EXPECT_FALSE(part);
  EXPECT_EQ(left_behind(folder), "");
}

TEST(Interrupt, AKilledParentLeavesNoProgramBehind) {
  const TemporaryFolder folder;
  shell(folder, std::string(kLongRun) + " & pid=$!; sleep 2; kill -KILL $pid; wait $pid; sleep 1");
  EXPECT_EQ(left_behind(folder), "");
}

}  // namespace
}  // namespace overtake
