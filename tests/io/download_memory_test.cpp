// SPDX-License-Identifier: Apache-2.0
// What a download does without memory, and how much of it long lists take. What measures or denies memory is left out
// under sanitizers, which take terabytes of addresses, have allocators of their own and keep what is freed.
#include <gmock/gmock.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "core/file.h"
#include "io/download/engine/session.h"
#include "tests/io/download_fixture.h"
#include "tests/io/made_up_list.h"

namespace overtake {
namespace {

using ::testing::HasSubstr;

// However many fail, the session holds so many URLs that wait for their next attempt, and no more of the list.
TEST(DownloadSession, HoldsNoMoreOfTheListThanItNeedsWhenEveryUrlFails) {
  MadeUpList lines(std::numeric_limits<int>::max());
  std::istream in(&lines);
  download::Options options;
  options.backoff = options.backoff_most = 1e6;
  options.per_host = 3;
  download::Folder nowhere = download::Folder::none();
  download::ListReader reader(in);
  download::Report report({.rows = false, .sentences = false});
  download::Session session(options, nowhere, reader, report);
  download::Attempt failed;
  failed.outcome = "refused";
  failed.again = download::Again::after_backoff;
  for (auto next = session.next(); next.job; next = session.next()) {
    ASSERT_LT(lines.lines(), 20'000);
    session.finish(std::move(*next.job), failed);
  }
  EXPECT_GT(lines.lines(), 10'000) << "their slots serve others";
  EXPECT_FALSE(session.next().finished);
  session.drain("stopped");
  EXPECT_TRUE(session.next().finished);
}

#ifndef OVERTAKE_SANITIZED
bool is_long_test() { return std::getenv("OVERTAKE_LONG_TESTS") != nullptr; }

class DownloadMemory : public DownloadTest {
 protected:
  // Runs `command` on `count` lines, of which one in a hundred is a file and the rest may not be connected to.
  // Returns the most memory that it had, in bytes.
  std::int64_t peak(const std::string& command, int count) {
    std::ofstream list(folder / "list");
    for (int i = 0; i < count; ++i)
      list << (i % 100 == 0 ? origin.url("1/" + std::to_string(i)) : "http://10.0.0.1/" + std::to_string(i)) << "\n";
    list.close();
    std::filesystem::remove_all(folder / "out");
    const Outcome done = shell(folder, fault("none", 0, "PEAK_TO=$PWD/peak ") + "overtake " + command + kFlags +
                                           "2> err > rows; tail -1 err; wc -l < rows; cat peak");
    std::istringstream said(done.out);
    std::string summary;
    std::int64_t rows = 0, kilobytes = 0;
    std::getline(said, summary) >> rows >> kilobytes;
    EXPECT_EQ(rows, count) << done.out << done.err;
    EXPECT_THAT(summary, ::testing::StartsWith(std::to_string((count + 99) / 100) + " "));
    EXPECT_GT(kilobytes, 1000) << done.out;
    return kilobytes * 1024;
  }
};

TEST_F(DownloadMemory, DoesNotGrowWithTheListBeyondSixteenBytesAUrl) {
  const int many = is_long_test() ? 1'000'000 : 60'000;
  const std::pair<std::string, int> commands[] = {{"do check list", many},
                                                  {"do download list out", many},
                                                  {"do download list out --strategy threads", 60'000},
                                                  {"do download list out --strategy processes --in-flight 2", 60'000}};
  for (const auto& [command, count] : commands) {
    const std::int64_t least = peak(command, 1000);
    const std::int64_t most = peak(command, count);
    EXPECT_LE(most - least, 16 * count + 2'000'000) << command << ": " << least << " and " << most;
  }
}

// Each allocation in turn fails, once or three times in a row, in the thread that downloads. What failed is tried
// again; where there is no memory to say what became of a URL, the run says that.
TEST_F(DownloadMemory, AnAllocationThatFailsCostsAnAttemptAndNeverTheProgram) {
  std::string list;
  for (int i = 0; i < 6; ++i)
    list += origin.url("20k/" + std::to_string(i) + (i % 3 == 0 ? "?redirect=/f/20k/" + std::to_string(i) : "")) + "\n";
  int faults = 0, good = 0;
  const auto run = [&](const std::string& flags, const std::string& what, int after) {
    const std::string case_of = flags + " " + what + " " + std::to_string(after);
    std::filesystem::remove_all(folder / "out");
    const Downloaded done =
        download(list, "--in-flight 2 --digest --header 'A: b' --strategy " + flags,
                 fault(what, ENOMEM,
                       "FAULT_AFTER=" + std::to_string(after) + " FAULT_TIMES=" + std::to_string(1 + after % 2 * 2)) +
                     " timeout -s KILL 60 ");
    const bool hit = done.outcome.err.find("fault: no memory") != std::string::npos;
    faults += hit ? 1 : 0;
    ASSERT_THAT(done.outcome.status, ::testing::AnyOf(0, 1)) << case_of << "\n" << done.outcome.err;
    std::size_t right = 0;
    for (const Json& row : done.rows)
      if (row.at("outcome") == "ok") {
        ++right;
        const std::string name = row.at("name");
        ASSERT_EQ(file(name), content_of("20k/" + name)) << case_of;
        ASSERT_EQ(row.at("sha256"), sha256_of("20k/" + name)) << case_of;
      }
    ASSERT_EQ(done.outcome.status == 0, right == 6U) << case_of << "\n" << done.outcome.out << done.outcome.err;
    good += hit && done.outcome.status == 0 ? 1 : 0;
    // Processes and threads that cannot be started have words of their own.
    if (done.rows.size() != 6U) {
      EXPECT_THAT(done.outcome.err, HasSubstr(flags == "processes" ? "overtake: " : "no memory was left")) << case_of;
    }
  };
  for (const char* flags : {"threads", "async", "processes"}) {
    faults = good = 0;
    for (int after = 0; after < 120; after += is_long_test() ? 1 : 7) run(flags, "new", after);
    for (int after = 0; after < 600; after += is_long_test() ? 3 : 31) run(flags, "malloc", after);
    EXPECT_GT(faults, 10) << flags;
    EXPECT_GT(good, 0) << flags << ": no attempt was tried again";
  }
}

TEST_F(DownloadMemory, WithoutMemoryTheRunEndsAndSaysSo) {
  std::string list;
  for (int i = 0; i < 60; ++i) list += origin.url("1k/" + std::to_string(i) + "?delay=5") + "\n";
  // From what the program cannot start with to what is enough.
  for (const char* strategy : {"async", "threads"}) {
    for (const int kilobytes : {45'000, 55'000, 80'000}) {
      const Downloaded done = download(list, std::string("--refresh --in-flight 200 --strategy ") + strategy,
                                       "ulimit -v " + std::to_string(kilobytes) + "; timeout -s KILL 20 ");
      EXPECT_THAT(done.outcome.status, ::testing::AnyOf(0, 1, 127)) << strategy << " " << kilobytes << done.outcome.err;
      for (const Json& row : done.rows)
        if (row.at("outcome") == "ok") {
          const std::string name = row.at("name");
          ASSERT_EQ(file(name), content_of("1k/" + name));
        }
    }
  }
}
#endif

}  // namespace
}  // namespace overtake
