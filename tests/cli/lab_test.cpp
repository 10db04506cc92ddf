// SPDX-License-Identifier: Apache-2.0
// `overtake lab` as a user types it: the list, one lab with and without a guess, one core, all, the class, Ctrl-C.
#include "lab/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/csv/number.h"
#include "core/results/reader.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> named(const std::vector<std::string>& files, const std::string& ending) {
  std::vector<std::string> found;
  for (const std::string& file : files)
    if (file.ends_with(ending)) found.push_back(file);
  return found;
}

std::size_t times_in(const std::string& what, const std::string& text) {
  std::size_t times = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++times;
  return times;
}

TEST(LabCommand, ListsEveryLab) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder, "overtake lab");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const lab::Lab& one : lab::labs())
    EXPECT_THAT(outcome.out, AllOf(HasSubstr(std::string(one.name)), HasSubstr(std::string(one.summary))));
  EXPECT_THAT(files_in(folder), IsEmpty());
}

TEST(LabCommand, AsksMeasuresDrawsExplainsAndKeepsRows) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder, "overtake lab sharing --guess 2 --seconds 0.05 --label box");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("  4  more than 5 times"), HasSubstr("█"),
                                 HasSubstr("Read: lab/sharing.cpp"), HasSubstr("overtake show results/box/")));
  EXPECT_TRUE(outcome.out.find("You guessed 2") != std::string::npos ||
              outcome.out.find("Your guess is right") != std::string::npos)
      << outcome.out;
  const auto files = files_in(folder);
  ASSERT_EQ(named(files, "lab_sharing.csv").size(), 1U);
  ASSERT_EQ(named(files, "system.json").size(), 1U);
  ASSERT_EQ(named(files, "summary.md").size(), 1U);
  const auto run = read_run((folder / named(files, "lab_sharing.csv")[0]).parent_path());
  EXPECT_THAT(run.notes, IsEmpty());
  EXPECT_EQ(run.system["suite"], "lab");
  ASSERT_FALSE(run.rows.empty());
  EXPECT_EQ(run.rows[0].workload, "lab_sharing");
  EXPECT_EQ(run.rows[0].system_id, "box");
  const Outcome shown = shell(folder, "overtake show results/box/*");
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr("## lab_sharing"), HasSubstr("| packed")));
}

TEST(LabCommand, DoesNotAskWhereNobodySits) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder, "overtake lab race --seconds 0.02 < /dev/null");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("Answer on this machine: "), Not(HasSubstr("Your guess ("))));
}

TEST(LabCommand, AsksOnATerminalUntilItIsAChoiceOrEnter) {
  const TemporaryFolder folder;
  const Outcome wrong_first =
      shell(folder, "printf '9\\nx\\n1\\n' | script -qec 'overtake lab race --seconds 0.02' /dev/null");
  EXPECT_EQ(wrong_first.status, 0) << wrong_first.out;
  EXPECT_TRUE(wrong_first.out.find("You guessed 1") != std::string::npos ||
              wrong_first.out.find("Your guess is right") != std::string::npos)
      << wrong_first.out;
  const Outcome skipped = shell(folder, "printf '\\n' | script -qec 'overtake lab race --seconds 0.02' /dev/null");
  EXPECT_EQ(skipped.status, 0) << skipped.out;
  EXPECT_THAT(skipped.out, HasSubstr("Answer on this machine: "));
}

TEST(LabCommand, WorksOnOneCoreAndSaysSo) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder, "taskset -c 0 overtake lab all --seconds 0.05 --label one");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(times_in("This process may use one core: threads take turns on it", outcome.out), lab::labs().size());
  EXPECT_EQ(times_in("Answer on this machine: ", outcome.out), lab::labs().size());
  EXPECT_THAT(outcome.out, Not(HasSubstr("do not answer the question")));
  EXPECT_EQ(named(files_in(folder), ".csv").size(), lab::labs().size());
  for (const lab::Lab& one : lab::labs()) EXPECT_THAT(outcome.out, HasSubstr(std::string("Read: ").append(one.source)));
  const Outcome in_class = shell(folder, "overtake lab --class results");
  EXPECT_EQ(in_class.status, 0) << in_class.err;
  for (const lab::Lab& one : lab::labs())
    EXPECT_THAT(in_class.out, HasSubstr("== " + std::string(one.name) + ": 1 machine =="));
}

TEST(LabCommand, ScalesTheWaitsOfALabThatWaits) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder, "overtake lab waiting --scale 0.001 --seconds 0.05 --label box");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("100 requests that wait 598 us each"));
  const auto run = read_run(only_run(folder));
  EXPECT_EQ(run.system["arguments"].back(), "0.001");
  ASSERT_FALSE(run.rows.empty());
  for (const Row& row : run.rows)
    EXPECT_DOUBLE_EQ(parse_double(row.metrics.find("request_seconds").value_or("")).value_or(0), 598e-6);
}

TEST(LabCommand, ExplainsWhereThereIsNothingToScale) {
  const TemporaryFolder folder;
  const std::pair<const char*, const char*> wrong[] = {
      {"lab race --scale 0.1", "lab race has no waits to multiply; there are some in kitchen and waiting"},
      {"lab waiting --scale 0.5", "--scale 0.5: a number above 0, at most 0.09"},
      {"lab waiting --scale 0", "a number above 0"},
      {"lab kitchen --scale nan", "at most 0.0004"},
      {"lab all --scale 0.1", "name that lab"},
      {"lab --scale 0.1", "name that lab"},
  };
  for (const auto& [words, reason] : wrong) {
    const Outcome outcome = shell(folder, std::string("overtake ") + words);
    EXPECT_EQ(outcome.status, 2) << words;
    EXPECT_THAT(outcome.err, HasSubstr(reason)) << words;
  }
  EXPECT_EQ(shell(folder, "overtake lab waiting --scale much").status, 2);
  EXPECT_THAT(files_in(folder), IsEmpty());
}

TEST(LabCommand, EndsOnCtrlCWithTheRowsSoFar) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder,
                                "overtake lab sharing --seconds 50 --label box & pid=$!; "
                                "for i in $(seq 300); do f=$(ls results/box/*/lab_sharing.csv.part 2>/dev/null) && "
                                "[ $(wc -l < $f) -gt 1 ] && break; sleep 0.1; done; kill -INT $pid; wait $pid");
  EXPECT_EQ(outcome.status, 130) << outcome.err;
  const auto csv = named(files_in(folder), ".csv");
  ASSERT_EQ(csv.size(), 1U);
  EXPECT_THAT(named(files_in(folder), ".part"), IsEmpty());
  const Results results = read_results(folder / csv[0]);
  EXPECT_FALSE(results.rows.empty());
  EXPECT_THAT(results.notes, IsEmpty());
}

// With what comes with Python; a library that is not installed is a skipped row.
TEST(PeersOfLabs, WriteRowsThatShowReads) {
  const TemporaryFolder folder;
  if (shell(folder, "python3 --version").status != 0) GTEST_SKIP() << "there is no python3 here";
  const Outcome outcome = shell(
      folder, "PYTHONDONTWRITEBYTECODE=1 python3 " OVERTAKE_TEST_DATA "/../../bench/peers/lab.py --build " OVERTAKE_BIN
              "/.. --rounds 1 --samples 2 --seconds 0.05 --items 100 --label box --without-ours "
              "--only loop,threading,asyncio,mp_pool,mp_pool_spawn,futures_processes,joblib_loky");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("## lab_map"), HasSubstr("python_mp_pool_spawn"), HasSubstr("Results: ")));
  EXPECT_THAT(named(files_in(folder), ".part"), IsEmpty());
  const auto run = read_run(only_run(folder));
  EXPECT_THAT(run.notes, IsEmpty());
  EXPECT_EQ(run.system["suite"], "lab_peers");
  std::size_t timed = 0;
  for (const Row& row : run.rows) {
    EXPECT_EQ(row.system_id, "box");
    if (row.status == RowStatus::skipped) {
      EXPECT_THAT(row.status_reason, HasSubstr("is not installed")) << row.variant;
      continue;
    }
    EXPECT_EQ(row.status, RowStatus::ok) << row.cell().name() << ": " << row.status_reason;
    EXPECT_FALSE(row.library.empty()) << row.variant;
    EXPECT_FALSE(row.check_method.empty()) << row.variant;
    ++timed;
  }
  // Two samples of twenty cases, those that need NumPy or joblib apart.
  EXPECT_GE(timed, 40U);
}

}  // namespace
}  // namespace overtake
