// SPDX-License-Identifier: Apache-2.0
// Wrong usage: one clear line on stderr, the documented status, nothing written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/file.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* line;
  const char* says;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.line; }
};

class WrongUsage : public ::testing::TestWithParam<Case> {};

TEST_P(WrongUsage, IsOneLineAndStatus2AndWritesNothing) {
  const TemporaryFolder folder;
  write_file(folder / "empty.csv", "");
  write_file(folder / "ragged.csv", "age,name\n1,a\n2\n");
  write_file(folder / "header.csv", "age,name\n");
  write_file(folder / "bad.csv", "schema_version,run_id\n1,x\n");
  write_file(folder / "plain", "x");
  const auto before = files_in(folder);
  const Outcome outcome = shell(folder, GetParam().line);
  EXPECT_EQ(outcome.status, 2) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().says));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(files_in(folder), before);
}

INSTANTIATE_TEST_SUITE_P(
    Overtake, WrongUsage,
    ::testing::Values(
        Case{"overtake", "subcommand"}, Case{"overtake fly", "subcommand"}, Case{"overtake run --fast", "--fast"},
        Case{"overtake run knitting", "unknown workload 'knitting'"},
        Case{"overtake run matmul --variant turbo", "unknown variant 'turbo'"},
        Case{"overtake run matmul --size 0x", "--size 0x"}, Case{"overtake run matmul --size 4x4", "--size 4x4"},
        Case{"overtake run matmul --size -4", "--size -4"},
        Case{"overtake run matmul --dtype f16", "unknown dtype 'f16'"},
        Case{"overtake run matmul --scope warm", "unknown scope 'warm'"},
        Case{"overtake run matmul --workers none", "workers 'none'"},
        Case{"overtake run matmul --workers 0", "workers '0'"},
        Case{"overtake run matmul --param speed=1", "--param speed"},
        Case{"overtake run matmul --param pad=-1", "pad=-1"},
        Case{"overtake run preprocess --param steps=impute_men", "impute_men"},
        Case{"overtake run matmul --param pad", "--param 'pad'"},
        Case{"overtake run matmul --param transfer=by_hand", "transfer=by_hand"},
        Case{"overtake run matmul --gpus 99", "--gpus 99"}, Case{"overtake run matmul --gpus x", "--gpus x"},
        Case{"overtake run matmul --repetitions 0", "--repetitions"}, Case{"overtake run matmul --seed x", "--seed x"},
        Case{"overtake run matmul --label ''", "label"},
        Case{"overtake run matmul --size 8 --out plain/results", "plain"},
        Case{"overtake run preprocess --data absent.csv", "absent.csv"},
        Case{"overtake run preprocess --data empty.csv", "empty.csv"},
        Case{"overtake run preprocess --data header.csv", "header.csv"},
        Case{"overtake run preprocess --data ragged.csv", "ragged.csv:3"},
        Case{"overtake run matmul --data ragged.csv", "--data"}, Case{"overtake run --command './app'", "NAME=COMMAND"},
        Case{"overtake run --command a=true --command a=false", "twice"},
        Case{"overtake run --command a=true --seconds-from '('", "--seconds-from"},
        Case{"overtake run --check true", "--command"}, Case{"overtake show absent", "absent"},
        Case{"overtake show bad.csv", "bad.csv"}, Case{"overtake show absent --scaling", "absent"},
        Case{"overtake show plain --json", "--breakeven"}, Case{"overtake show plain --breakeven a", "two variants"},
        Case{"overtake show plain --breakeven ''", "--breakeven"},
        Case{"overtake show plain --breakeven a,b --scaling", "--scaling"}, Case{"overtake import", "FILE"},
        Case{"overtake import absent.json", "absent.json"}, Case{"overtake import empty.csv", "empty.csv: is empty"},
        Case{"overtake import plain", "not known who wrote this"}, Case{"overtake import bad.csv", "overtake itself"},
        Case{"overtake show bad.csv --google-benchmark-json new.json", "bad.csv"},
        Case{"overtake compare plain", "two runs"}, Case{"overtake compare plain --by colour", "--by colour"},
        Case{"overtake compare plain plain --metric joy", "--metric joy"},
        Case{"overtake compare plain plain --threshold much", "--threshold much"},
        Case{"overtake compare plain plain --json --markdown", "--json"},
        Case{"overtake lab knitting", "unknown lab 'knitting'"}, Case{"overtake lab all --guess 1", "name that lab"},
        Case{"overtake lab --guess 1", "name that lab"}, Case{"overtake lab sharing --guess 5", "choices 1 to 4"},
        Case{"overtake lab sharing --guess 1 --no-guess", "--no-guess"},
        Case{"overtake lab sharing --seconds 61", "--seconds"}, Case{"overtake lab sharing --label ''", "label"},
        Case{"overtake lab sharing --out plain/results", "plain"},
        Case{"overtake lab sharing --class .", "leave the lab's name out"},
        Case{"overtake lab --class absent", "absent"}, Case{"overtake lab --class .", "no results of a lab"},
        Case{"overtake run matmul --budget soon", "--budget soon"},
        Case{"overtake run matmul --budget 5m --processes 3", "exclude each other"},
        Case{"overtake run --breakeven serial,openmp", "one workload"},
        Case{"overtake run matmul --breakeven serial", "--breakeven"},
        Case{"overtake run matmul --breakeven serial,turbo", "turbo"},
        Case{"overtake run matmul --param calls=0", "calls=0"}, Case{"overtake run --resume plain", "system.json"},
        Case{"overtake compare absent other", "absent"}, Case{"bench_matmul --fast", "--fast"},
        Case{"bench_matmul --benchmark_fast=1", "benchmark_fast"},
        Case{"bench_matmul '--benchmark_filter=('", "--benchmark_filter"},
        Case{"bench_matmul --benchmark_filter=nothing_like_this", "matches no cell"},
        Case{"bench_matmul --cells absent", "--cells absent"}, Case{"bench_matmul --cells plain", "plain:1"},
        Case{"bench_matmul --benchmark_repetitions=0 ", "--benchmark_repetitions"}));

TEST(Help, EverySubcommandShowsExamples) {
  const TemporaryFolder folder;
  for (const char* command : {"overtake --help", "overtake run --help", "overtake show --help",
                              "overtake compare --help", "overtake import --help", "overtake doctor --help"}) {
    const Outcome outcome = shell(folder, command);
    EXPECT_EQ(outcome.status, 0) << command;
    EXPECT_THAT(outcome.out, HasSubstr("Example")) << command;
  }
  EXPECT_THAT(shell(folder, "bench_matmul --help").out, HasSubstr("--benchmark_filter"));
}

}  // namespace
}  // namespace overtake
