// SPDX-License-Identifier: Apache-2.0
// What lists, names, folders, disks and signals do to a download.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

#include "core/file.h"
#include "tests/io/download_fixture.h"

namespace overtake {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class DownloadFiles : public DownloadTest {};

TEST_F(DownloadFiles, NamesStayInTheFolder) {
  const std::string base = origin.addresses().at("http").get<std::string>() + "/f/10/";
  const Downloaded done = download(base + "%2e%2e%2fetc%2fx\n" + base + "z name=..\n" + base + "a%00b\n" + base +
                                   ".hidden\n" + base + std::string(300, 'n') + ".txt\n" + base + "e%1b%5b31m\n" +
                                   base + "x name=../../up\n" + base + "%ff\n" + base + "y.part\n");
  EXPECT_EQ(done.outcome.status, 0) << done.outcome.err;
  for (const std::string& name : names()) {
    EXPECT_LE(name.size(), 255U);
    EXPECT_THAT(name, AllOf(Not(StartsWith(".")), Not(HasSubstr("/")), Not(HasSubstr("\x1b"))));
  }
  EXPECT_EQ(names().size(), 9U);
  EXPECT_THAT(names(), Contains("_._.._up"));
  EXPECT_THAT(files_in(folder), Not(Contains("up")));
}

TEST_F(DownloadFiles, TwoUrlsWithOneNameBecomeTwoFilesEveryTime) {
  const std::string list = origin.url("10/a.txt") + "\n" + origin.url("11/a.txt") + "\n";
  ASSERT_EQ(download(list).outcome.status, 0);
  const std::vector<std::string> first = names();
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(file("a.txt"), content_of("10/a.txt"));
  fs::remove_all(folder / "out");
  ASSERT_EQ(download(list).outcome.status, 0);
  EXPECT_EQ(names(), first);
}

TEST_F(DownloadFiles, PlantedLinksAreNotFollowed) {
  write_file(folder / "precious", "mine");
  fs::create_directory(folder / "out");
  for (const char* name : {"a", "b.part", "b.part.etag"}) fs::create_symlink("../precious", folder / "out" / name);
  const Downloaded done = download(origin.url("2M/a") + "\n" + origin.url("2M/b") + "\n");
  EXPECT_EQ(read_file(folder / "precious"), "mine");
  EXPECT_EQ(file("a"), content_of("2M/a")) << done.outcome.err;
  EXPECT_FALSE(fs::is_symlink(folder / "out/a"));
  EXPECT_EQ(done.rows.size(), 2U);
}

TEST_F(DownloadFiles, FilesOfOthersAreLeftAlone) {
  fs::create_directory(folder / "out");
  write_file(folder / "out/a", "mine");
  write_file(folder / "out/b", content_of("10/b"));
  const Downloaded done =
      download(origin.url("10/a") + "\n" + origin.url("10/b") + " sha256=" + sha256_of("10/b") + "\n");
  EXPECT_EQ(done.rows.at(0).at("outcome"), "exists");
  EXPECT_EQ(done.rows.at(1).at("outcome"), "present");
  EXPECT_EQ(file("a"), "mine");
  EXPECT_THAT(origin.requests(), IsEmpty());
}

TEST_F(DownloadFiles, ASecondRunAsksForNothingThatIsThere) {
  const std::string list = origin.url("10/a") + "\n" + origin.url("20/b") + "\n";
  ASSERT_EQ(download(list).outcome.status, 0);
  fs::remove(folder / "out/b");
  const Downloaded again = download(list);
  EXPECT_EQ(again.rows.at(0).at("outcome"), "present");
  EXPECT_EQ(again.rows.at(1).at("outcome"), "ok");
  EXPECT_EQ(origin.requests().size(), 3U);
}

TEST_F(DownloadFiles, ALongRecordIsReadToItsLastWholeLine) {
  std::string list;
  for (int i = 0; i < 4000; ++i) list += origin.url("1/" + std::to_string(i)) + "\n";
  ASSERT_EQ(download(list).outcome.status, 0);
  // What a kill in the middle of a line leaves.
  const fs::path record = folder / "out/.overtake-downloads";
  fs::resize_file(record, fs::file_size(record) - 3);
  const Downloaded again = download(list);
  EXPECT_EQ(again.outcome.status, 1);
  std::map<std::string, int> outcomes;
  for (const Json& row : again.rows) ++outcomes[row.at("outcome")];
  EXPECT_THAT(outcomes, ElementsAre(std::pair("exists", 1), std::pair("present", 3999)));
  EXPECT_EQ(origin.requests().size(), 4000U);
  // What is recorded after it stands on a line of its own.
  const std::string more = origin.url("1/more") + "\n";
  EXPECT_EQ(download(more).rows.at(0).at("outcome"), "ok");
  EXPECT_EQ(download(more).rows.at(0).at("outcome"), "present");
}

TEST_F(DownloadFiles, ALaterRunGoesOnWithWhatAnEarlierLeft) {
  const std::string list = origin.url("500k/a?fault=reset&at=200k&times=1") + "\n";
  EXPECT_EQ(download(list, "--retries 0").outcome.status, 1);
  EXPECT_THAT(names(), ElementsAre("a.part", "a.part.etag"));
  const Downloaded again = download(list);
  EXPECT_EQ(again.rows.at(0).value("resumed", false), true) << again.outcome.out;
  EXPECT_EQ(file("a"), content_of("500k/a"));
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(DownloadFiles, AFullDiskStopsEverythingAndKeepsWhatIsThere) {
  const std::string list = origin.url("500k/a") + "\n" + origin.url("500k/b") + "\n";
  const Downloaded done = download(list, "--in-flight 1", fault("write", ENOSPC, "FAULT_AFTER=2"));
  EXPECT_EQ(done.outcome.status, 1);
  ASSERT_EQ(done.rows.size(), 1U) << "the second was begun: " << done.outcome.out;
  EXPECT_EQ(done.rows[0].at("outcome"), "disk_full");
  EXPECT_FALSE(there("a"));
  EXPECT_TRUE(there("a.part"));
  EXPECT_EQ(download(list).outcome.status, 0);
  EXPECT_EQ(file("a"), content_of("500k/a"));
}

TEST_F(DownloadFiles, AFullDiskEndsWhatIsInFlightBesideIt) {
  const Downloaded done =
      download(origin.url("2M/a") + "\n" + origin.url("2M/b?fault=mute") + "\n" + origin.url("2M/c"), "--in-flight 2",
               fault("write", ENOSPC, "FAULT_AFTER=3"));
  EXPECT_EQ(done.outcome.status, 1);
  ASSERT_EQ(done.rows.size(), 2U) << "the third was begun: " << done.outcome.out;
  EXPECT_EQ(done.rows[0].at("outcome"), "disk_full");
  EXPECT_EQ(done.rows[1].at("outcome"), "stopped");
  for (const char* name : {"a", "b", "c"}) EXPECT_FALSE(there(name)) << name;
}

TEST_F(DownloadFiles, ABrokenDiskFailsTheFileThatItHit) {
  const Downloaded done = download(origin.url("10/a") + "\n" + origin.url("10/b") + "\n", "--in-flight 1",
                                   fault("write", EIO, "FAULT_TIMES=1"));
  EXPECT_EQ(done.outcome.status, 1);
  EXPECT_EQ(done.rows.at(0).at("outcome"), "cannot_write");
  EXPECT_EQ(done.rows.at(1).at("outcome"), "ok");
  EXPECT_FALSE(there("a"));
}

TEST_F(DownloadFiles, WithoutDescriptorsFewerAreInFlightAndAllComplete) {
  std::string list;
  for (int i = 0; i < 20; ++i) list += origin.url("10/" + std::to_string(i) + "?delay=20") + "\n";
  for (const char* call : {"openat", "socket"}) {
    const Downloaded done =
        download(list, "--refresh --in-flight 8", fault(call, EMFILE, "FAULT_AFTER=2 FAULT_TIMES=3"));
    EXPECT_EQ(done.outcome.status, 0) << call << done.outcome.err;
    EXPECT_EQ(done.rows.size(), 20U) << call;
  }
}

TEST_F(DownloadFiles, AFolderThatCannotBeWrittenToFailsFirst) {
  write_file(folder / "out", "a file");
  const Downloaded done = download(origin.url("10/a") + "\n");
  EXPECT_EQ(done.outcome.status, 2);
  EXPECT_THAT(done.outcome.err, HasSubstr("out"));
  // Where not even root may make a file.
  const Outcome proc = shell(folder, std::string("overtake do download list /proc") + kFlags);
  EXPECT_EQ(proc.status, 2);
  EXPECT_THAT(proc.err, HasSubstr("cannot write in /proc"));
  EXPECT_THAT(origin.requests(), IsEmpty());
}

TEST_F(DownloadFiles, AFolderThatIsRemovedFailsWhatIsWrittenThen) {
  std::string list;
  for (int i = 0; i < 4; ++i) list += origin.url("10/" + std::to_string(i) + "?delay=300") + "\n";
  write_file(folder / "list", list);
  const Outcome done = shell(folder, std::string("overtake do download list out --in-flight 4") + kFlags + "& " +
                                         origin.until_requests(4) + "rm -r out; wait $!");
  EXPECT_EQ(done.status, 1) << done.err;
  EXPECT_THAT(done.out, HasSubstr("cannot_write"));
}

TEST_F(DownloadFiles, AFolderTakesOneRunAtATime) {
  write_file(folder / "list", origin.url("10/a?delay=500") + "\n");
  const std::string line = std::string("overtake do download list out") + kFlags;
  const Outcome done =
      shell(folder, line + " & " + origin.until_requests(1) + line + "; second=$?; wait $!; exit $second");
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, HasSubstr("another download is at work"));
  EXPECT_EQ(file("a"), content_of("10/a"));
}

TEST_F(DownloadFiles, UglyListsAreReadLineByLine) {
  const std::string list = "\xef\xbb\xbf" + origin.url("10/a") + "\r\n\r\n# a comment\n" + origin.url("10/a") + "\n" +
                           std::string(1'000'000, 'x') + "\n" + "http://\xff\xfe/\n" + "ftp://x/y\n" +
                           origin.url("10/b") + " sha256=12\n" + origin.url("10/c") + "  name=d";
  const Downloaded done = download(list);
  EXPECT_EQ(done.outcome.status, 1);
  std::vector<std::string> outcomes;
  for (const Json& row : done.rows)
    outcomes.push_back(std::to_string(row.at("line").get<int>()) + " " + row.at("outcome").get<std::string>());
  EXPECT_THAT(outcomes,
              ElementsAre("1 ok", "4 duplicate", "5 bad_line", "6 bad_line", "7 bad_line", "8 bad_line", "9 ok"));
  EXPECT_THAT(names(), ElementsAre("a", "d"));
  EXPECT_THAT(done.outcome.err, HasSubstr("line 5: longer than"));
  EXPECT_EQ(download("").outcome.status, 0);
  EXPECT_EQ(shell(folder, "overtake do download absent out").status, 2);
}

TEST_F(DownloadFiles, CtrlCDrainsAndTheSecondEndsAtOnce) {
  std::string list;
  for (int i = 0; i < 20; ++i) list += origin.url("10/" + std::to_string(i) + "?delay=500") + "\n";
  write_file(folder / "list", list);
  const std::string line = std::string("overtake do download list out --in-flight 2") + kFlags + "& ";
  Outcome done = shell(folder, line + origin.until_requests(2) + "kill -INT $!; wait $!");
  EXPECT_EQ(done.status, 130) << done.err;
  EXPECT_EQ(parse_rows(done.out).size(), 2U) << "what was in flight ends";
  EXPECT_THAT(names(), ElementsAre("0", "1"));
  fs::remove_all(folder / "out");
  done = shell(folder, line + origin.until_requests(4) + "kill -INT $!; sleep 0.02; kill -INT $!; wait $!");
  EXPECT_EQ(done.status, 130) << done.err;
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(DownloadFiles, AClosedStdoutEndsWithStatusOne) {
  std::string list;
  for (int i = 0; i < 50; ++i) list += origin.url("10/" + std::to_string(i) + "?delay=60") + "\n";
  write_file(folder / "list", list);
  const Outcome done = shell(folder, std::string("{ overtake do download list out --in-flight 2") + kFlags +
                                         "; echo $? > status; } | true; cat status");
  EXPECT_EQ(done.out, "1\n") << done.err;
}

TEST_F(DownloadFiles, AClockThatJumpsChangesNothing) {
  const auto begin = std::chrono::steady_clock::now();
  const Downloaded done =
      download(origin.url("10/a?status=503&retry_after=1&times=1") + "\n", "", fault("none", 0, "CLOCK_JUMPS=1"));
  EXPECT_EQ(done.outcome.status, 0) << done.outcome.err;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_GE(seconds, 1.0);
  EXPECT_LT(seconds, 20.0);
}

TEST_F(DownloadFiles, EscapesDoNotReachTheTerminal) {
  const Downloaded done = download(origin.url("10/a%1b%5b2Jb?status=404") + "\nhttp://x\x1b[2J/\n");
  EXPECT_THAT(done.outcome.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(done.outcome.out, Not(HasSubstr("\x1b")));
}

// A run of worker processes in the background, its pid in $main; its workers are the children of its threads.
std::string processes(const std::string& flags) {
  return "overtake do download list out --strategy processes " + flags + "& main=$!; ";
}
std::string signal_workers(const std::string& signal) {
  return "kill -" + signal + " $(cat /proc/$main/task/*/children); ";
}

TEST_F(DownloadFiles, AWorkerThatIsKilledIsNamedAndItsUrlRequeued) {
  write_file(folder / "list", origin.url("10/a?delay=500") + "\n");
  const std::string start = processes(std::string("--in-flight 1") + kFlags);
  Outcome done = shell(folder, start + origin.until_requests(1) + signal_workers("9") + "wait $main");
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(file("a"), content_of("10/a"));
  EXPECT_EQ(origin.requests().size(), 2U);

  fs::remove_all(folder / "out");
  std::string kills;
  for (int i = 3; i <= 5; ++i) kills += origin.until_requests(i) + signal_workers("9");
  done = shell(folder, start + kills + "wait $main");
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.out, AllOf(HasSubstr("worker_lost"), HasSubstr("SIGKILL")));
}

TEST_F(DownloadFiles, AWorkerThatHangsIsReplaced) {
  write_file(folder / "list", origin.url("10/a?delay=500") + "\n");
  const Outcome done = shell(folder, processes(std::string("--in-flight 1 --worker-timeout 1.5") + kFlags) +
                                         origin.until_requests(1) + signal_workers("STOP") + "wait $main");
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(file("a"), content_of("10/a"));
  EXPECT_EQ(origin.requests().size(), 2U);
}

TEST_F(DownloadFiles, WorkersGoWithTheirParentAndARerunCompletes) {
  std::string list;
  for (int i = 0; i < 4; ++i) list += origin.url("10/" + std::to_string(i) + "?delay=400") + "\n";
  write_file(folder / "list", list);
  const Outcome done = shell(
      folder, processes(std::string("--in-flight 2") + kFlags) + origin.until_requests(2) +
                  "workers=$(cat /proc/$main/task/*/children); kill -9 $main; sleep 0.9; for w in $workers; do "
                  "[ ! -e /proc/$w ] || grep -q zombie /proc/$w/status || echo alive; done; echo looked at $workers");
  EXPECT_THAT(done.out, Not(HasSubstr("alive")));
  EXPECT_THAT(done.out, ::testing::ContainsRegex("looked at [0-9]+ [0-9]+"));
  EXPECT_EQ(download(list).outcome.status, 0);
  EXPECT_EQ(names().size(), 4U);
}

TEST_F(DownloadFiles, WhereEveryWorkerDiesAtStartTheRunFailsAndAsksForNothing) {
  const Downloaded done = download(origin.url("10/a") + "\n", "--strategy processes --in-flight 2",
                                   "timeout -s KILL 60 env " + fault("worker", 0));
  EXPECT_EQ(done.outcome.status, 1);
  EXPECT_THAT(done.outcome.err, AllOf(HasSubstr("overtake: "), HasSubstr("SIGKILL")));
  EXPECT_THAT(origin.requests(), IsEmpty());
}

TEST_F(DownloadFiles, WhereEveryWorkerDiesTheRunEnds) {
  std::string list;
  for (int i = 0; i < 40; ++i) list += origin.url("10/" + std::to_string(i) + "?delay=100") + "\n";
  write_file(folder / "list", list);
  // The process in which LeakSanitizer looks for leaks would be killed too, and be waited for.
  const Outcome done =
      shell(folder, "export ASAN_OPTIONS=detect_leaks=0; " + processes(std::string("--in-flight 2") + kFlags) +
                        "while kill -0 $main 2>/dev/null; do kill -9 $(cat /proc/$main/task/*/children "
                        "2>/dev/null) 2>/dev/null; sleep 0.01; done; wait $main");
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.err, HasSubstr("worker"));
}

// What is there is what its line says, and a rerun gets the rest. `list` names /f/2M/… and /f/20k/… in turns of four.
std::string size_of(int i) { return i % 4 == 0 ? "2M/" : "20k/"; }

TEST_F(DownloadFiles, WorkersKilledAtRandomMomentsLeaveNothingWrongAndARerunCompletes) {
  const int wanted = std::getenv("OVERTAKE_LONG_TESTS") != nullptr ? 100 : 10;
  std::string list;
  for (int i = 0; i < 40; ++i) list += origin.url(size_of(i) + std::to_string(i) + "?delay=20") + "\n";
  write_file(folder / "list", list);
  std::srand(42);
  int kills = 0;
  for (int run = 0; run < 5 * wanted && kills < wanted; ++run) {
    const std::string pause = std::to_string(0.02 + 0.3 * std::rand() / RAND_MAX);
    const std::string which = std::to_string(1 + std::rand() % 4);
    const Outcome done =
        shell(folder, processes(std::string("--in-flight 4") + kFlags) + "sleep " + pause +
                          "; worker=$(cat /proc/$main/task/*/children 2>/dev/null | tr ' ' '\\n' | sed -n " + which +
                          "p); [ -n \"$worker\" ] && kill -9 $worker && touch killed; wait $main");
    kills += static_cast<int>(fs::remove(folder / "killed"));
    for (const Json& row : parse_rows(done.out)) {
      if (row.at("outcome") == "ok") {
        ASSERT_TRUE(there(row.at("name"))) << row;
      }
    }
    for (const std::string& name : there("") ? names() : std::vector<std::string>()) {
      if (name.find('.') != std::string::npos) continue;  // .part
      ASSERT_EQ(file(name), content_of(size_of(std::stoi(name)) + name)) << "run " << run;
    }
    if (done.status != 0) {
      ASSERT_EQ(download(list).outcome.status, 0) << "run " << run;
    }
    ASSERT_EQ(names().size(), 40U) << "run " << run << " " << done.err;
    fs::remove_all(folder / "out");
  }
  EXPECT_EQ(kills, wanted);
}

// Row 42 and the kills, longer than CI has time for.
TEST_F(DownloadFiles, ManyConnectionsAtOnceAreNoError) {
  const bool long_tests = std::getenv("OVERTAKE_LONG_TESTS") != nullptr;
  // 10,000 where there are descriptors for them, the folder, and what the program has open besides.
  rlimit files{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  const int count = long_tests ? static_cast<int>(std::min<rlim_t>(10'000, files.rlim_max - 100)) : 600;
  std::string list;
  for (int i = 0; i < count; ++i) list += origin.url("1k/" + std::to_string(i) + "?delay=1000") + "\n";
  const Downloaded done = download(list, "--in-flight " + std::to_string(count));
  EXPECT_EQ(done.outcome.status, 0) << done.outcome.err;
  EXPECT_EQ(names().size(), static_cast<std::size_t>(count));
  for (const Json& row : done.rows) EXPECT_EQ(row.at("attempts"), 1);
}

TEST_F(DownloadFiles, KilledAtRandomMomentsNothingWrongIsLeftAndARerunCompletes) {
  const int kills = std::getenv("OVERTAKE_LONG_TESTS") != nullptr ? 200 : 6;
  std::string list;
  for (int i = 0; i < 40; ++i) list += origin.url(size_of(i) + std::to_string(i)) + "\n";
  const char* const strategies[] = {"async", "threads", "processes", "sequential"};
  std::srand(42);
  write_file(folder / "list", list);
  for (int kill = 0; kill < kills; ++kill) {
    const std::string pause = std::to_string(0.005 + 0.1 * std::rand() / RAND_MAX);
    shell(folder, std::string("overtake do download list out --in-flight 4 --strategy ") + strategies[kill % 4] +
                      kFlags + "& sleep " + pause + "; kill -9 $! 2>/dev/null; wait $!");
    if (!there("")) continue;
    for (const std::string& name : names()) {
      if (name.find('.') != std::string::npos) continue;  // .part
      ASSERT_EQ(file(name), content_of(size_of(std::stoi(name)) + name)) << "kill " << kill;
    }
    if (kill % 4 == 3) {
      const Downloaded done = download(list);
      ASSERT_EQ(done.outcome.status, 0) << done.outcome.err;
      ASSERT_EQ(names().size(), 40U);
      fs::remove_all(folder / "out");
    }
  }
}

}  // namespace
}  // namespace overtake
