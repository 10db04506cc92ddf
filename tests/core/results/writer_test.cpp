// SPDX-License-Identifier: Apache-2.0
#include "core/results/writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <limits>
#include <thread>

#include "core/results/reader.h"
#include "tests/support/temporary_folder.h"

namespace overtake {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Row sample_row(std::int64_t sample) {
  Row row;
  row.workload = "matmul";
  row.variant = "odd, \"name\"\nof a variant";
  row.shape = KeyValues::parse("m=4");
  row.sample = sample;
  row.seconds = 1.5e-6;
  row.check_method = "reference";
  row.check_error = std::numeric_limits<double>::infinity();
  return row;
}

TEST(ResultsWriter, RowsReadBackAndPartIsRenamed) {
  const TemporaryFolder folder;
  ResultsWriter writer(folder / "m.csv");
  EXPECT_EQ(writer.part_path(), folder / "m.csv.part");
  EXPECT_TRUE(writer.add(sample_row(0)));
  EXPECT_FALSE(fs::exists(folder / "m.csv"));
  EXPECT_EQ(read_results(writer.part_path()).rows.size(), 1);
  EXPECT_TRUE(writer.add(sample_row(1)));
  writer.finish();
  EXPECT_FALSE(fs::exists(folder / "m.csv.part"));
  const Results results = read_results(folder / "m.csv");
  EXPECT_THAT(results.rows, testing::ElementsAre(sample_row(0), sample_row(1)));
  EXPECT_THAT(results.notes, testing::IsEmpty());
}

TEST(ResultsWriter, NothingIsWrittenAfterFinish) {
  const TemporaryFolder folder;
  ResultsWriter writer(folder / "m.csv");
  writer.add(sample_row(0));
  writer.finish();
  writer.finish();
  EXPECT_FALSE(writer.add(sample_row(1)));
  EXPECT_EQ(read_results(folder / "m.csv").rows.size(), 1);
}

TEST(ResultsWriter, WithoutFinishThePartStays) {
  const TemporaryFolder folder;
  {
    ResultsWriter(folder / "m.csv").add(sample_row(0));
  }
  EXPECT_FALSE(fs::exists(folder / "m.csv"));
  EXPECT_EQ(read_results(folder / "m.csv.part").rows.size(), 1);
}

TEST(ResultsWriter, ExistingResultsAreKeptUnlessToldToReplace) {
  const TemporaryFolder folder;
  write_file(folder / "m.csv", "precious");
  write_file(folder / "n.csv.part", "precious");
  for (const char* name : {"m.csv", "n.csv"})
    EXPECT_THAT(message_of<UsageError>([&] { ResultsWriter(folder / name); }), HasSubstr("exists: remove it")) << name;
  EXPECT_EQ(read_file(folder / "m.csv"), "precious");
  EXPECT_EQ(read_file(folder / "n.csv.part"), "precious");
  for (const char* name : {"m.csv", "n.csv"}) {
    ResultsWriter writer(folder / name, Existing::replace);
    writer.add(sample_row(0));
    writer.finish();
    EXPECT_EQ(read_results(folder / name).rows.size(), 1) << name;
  }
  EXPECT_THAT(message_of<UsageError>([] { ResultsWriter("/dev/null", Existing::replace); }), HasSubstr("regular file"));
}

TEST(ResultsWriter, ExtendsWhatEarlierProcessesLeftEvenAfterACrash) {
  const TemporaryFolder folder;
  for (const int sample : {0, 1}) {
    ResultsWriter writer(folder / "m.csv", Existing::extend);
    writer.add(sample_row(sample));
    writer.finish();
  }
  EXPECT_EQ(read_results(folder / "m.csv").rows.size(), 2);
  fs::rename(folder / "m.csv", folder / "m.csv.part");
  const std::string whole = read_file(folder / "m.csv.part");
  write_file(folder / "m.csv.part", whole + "1,cut off");
  ResultsWriter writer(folder / "m.csv", Existing::extend);
  writer.add(sample_row(2));
  writer.finish();
  EXPECT_THAT(read_results(folder / "m.csv").rows, testing::ElementsAre(sample_row(0), sample_row(1), sample_row(2)));
}

TEST(ResultsWriter, UnwritableFolderIsWrongUsage) {
  const TemporaryFolder folder;
  write_file(folder / "file", "");
  EXPECT_THAT(message_of<UsageError>([&] { ResultsWriter(folder / "file/m.csv"); }),
              HasSubstr("is a file, not a folder"));
  EXPECT_THAT(message_of<UsageError>([&] { ResultsWriter(folder / "absent/m.csv"); }), HasSubstr("create the folder"));
}

TEST(ResultsWriter, FullDiskAtTheHeaderLeavesNothing) {
  if (!fs::is_character_file("/dev/full")) GTEST_SKIP() << "this machine has no /dev/full";
  const TemporaryFolder folder;
  fs::create_symlink("/dev/full", folder / "m.csv.part");
  EXPECT_THAT(message_of<std::runtime_error>([&] { ResultsWriter(folder / "m.csv", Existing::replace); }),
              HasSubstr("No space left on device"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST(ResultsWriter, RowThatDoesNotFitIsTakenBackAndTheOthersStayWhole) {
  const TemporaryFolder folder;
  ResultsWriter writer(folder / "m.csv");
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{.rlim_cur = 1000, .rlim_max = limit.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  std::int64_t written = 0;
  const std::string message = message_of<std::runtime_error>([&] {
    while (written < 100) {
      writer.add(sample_row(written));
      ++written;
    }
  });
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_THAT(message, HasSubstr("m.csv.part': File too large"));
  writer.finish();
  const Results results = read_results(folder / "m.csv");
  EXPECT_GT(written, 0);
  EXPECT_EQ(results.rows.size(), written);
  EXPECT_THAT(results.notes, testing::IsEmpty());
}

TEST(ResultsWriter, RowThatCouldNotBeReadBackIsAFailure) {
  const TemporaryFolder folder;
  ResultsWriter writer(folder / "m.csv");
  Row row = sample_row(0);
  row.seconds.reset();
  EXPECT_THAT(message_of<std::runtime_error>([&] { writer.add(row); }), HasSubstr("column 'seconds'"));
  EXPECT_THAT(message_of<UsageError>([&] { writer.add(row); }), HasSubstr("another kind"));
}

TEST(ResultsWriter, FinishFromAnotherThreadKeepsWholeRows) {
  const TemporaryFolder folder;
  ResultsWriter writer(folder / "m.csv");
  std::atomic<std::int64_t> written = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&] {
      for (std::int64_t i = 0; writer.add(sample_row(i)); ++i) ++written;
    });
  while (written < 100) std::this_thread::yield();
  writer.finish();
  for (auto& thread : threads) thread.join();
  const Results results = read_results(folder / "m.csv");
  EXPECT_EQ(results.rows.size(), written);
  EXPECT_THAT(results.notes, testing::IsEmpty());
}

}  // namespace
}  // namespace overtake
