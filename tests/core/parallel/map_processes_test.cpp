// SPDX-License-Identifier: Apache-2.0
// parallel_map's strategy processes when workers die.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "core/parallel/map.h"
#include "core/pool/pool.h"

namespace overtake {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Dies at negative items: -9 by that signal, -3 by exit status 3.
int deadly(const int& x) {
  if (x == -9) std::raise(SIGKILL);
  if (x == -3) _exit(3);
  return x + 1;
}
// Dies where nobody has made this file before.
int deadly_once(const std::string& file) {
  if (!file.empty() && open(file.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0) std::raise(SIGKILL);
  return static_cast<int>(file.size());
}
pid_t pid_of_worker(const int&) { return getpid(); }
// Unevenly, so that two workers do not end their batches at the same time.
int slowly(const int& x) {
  usleep(static_cast<useconds_t>(200 * (x % 13)));
  return x + 1;
}

const auto kDeadly = register_map<deadly>("map_deadly");
const auto kDeadlyOnce = register_map<deadly_once>("map_deadly_once");
const auto kSlowly = register_map<slowly>("map_slowly");
const auto kPidOfWorker = register_map<pid_of_worker>("map_pid_of_worker");

std::vector<int> counted(int count) {
  std::vector<int> out;
  for (int i = 0; i < count; ++i) out.push_back(i);
  return out;
}

TEST(ParallelMapProcesses, AnItemThatKillsItsWorkersIsNamedAndNoOtherIsLost) {
  Pool pool(2);
  for (const std::size_t chunk : {0, 1, 10, 1000}) {
    std::vector<int> items = counted(100);
    items[17] = -9;
    items[18] = -3;
    items[99] = -9;
    std::size_t told = 0;
    const auto result = parallel_map(MapStrategy::processes, items, kDeadly,
                                     {.order = MapOrder::as_completed,
                                      .chunk = chunk,
                                      .on_error = OnError::collect,
                                      .progress = [&](std::size_t done, std::size_t) { told = done; },
                                      .pool = &pool});
    ASSERT_EQ(result.errors.size(), 3U) << chunk;
    EXPECT_EQ(result.errors[0].index, 17U);
    EXPECT_THAT(result.errors[0].what(), AllOf(HasSubstr("item 17: worker "),
                                               HasSubstr("was killed by signal 9 (SIGKILL), as did 2 before it")));
    EXPECT_EQ(result.errors[1].index, 18U);
    EXPECT_THAT(result.errors[1].what(), HasSubstr("exited with status 3"));
    EXPECT_EQ(result.errors[2].index, 99U);
    try {
      std::rethrow_exception(result.errors[2].cause);
    } catch (const WorkerDied& died) {
      EXPECT_EQ(died.ending.signal, SIGKILL);
    }
    std::set<std::size_t> indices;
    for (const auto& [index, value] : result.items) {
      EXPECT_EQ(value, items[index] + 1);
      indices.insert(index);
    }
    EXPECT_EQ(indices.size(), 97U) << chunk;
    EXPECT_EQ(result.not_run, 0U);
    EXPECT_EQ(told, 100U);
  }
}

TEST(ParallelMapProcesses, ADeathEndsTheMapWhereErrorsDo) {
  std::vector<int> items = counted(30);
  items[11] = -9;
  try {
    parallel_map(MapStrategy::processes, items, kDeadly, {.workers = 2, .retries = 0});
    FAIL();
  } catch (const MapError& error) {
    EXPECT_EQ(error.index, 11U);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("(SIGKILL)"), Not(HasSubstr("before it"))));
    EXPECT_THROW(std::rethrow_exception(error.cause), WorkerDied);
  }
}

TEST(ParallelMapProcesses, AnItemWhoseWorkerDiesOnceIsGivenToAnother) {
  Pool pool(2);
  const std::string file = testing::TempDir() + "map_deadly_once_" + std::to_string(getpid());
  std::filesystem::remove(file);
  std::vector<std::string> items(50);
  items[20] = file;
  auto result = parallel_map(MapStrategy::processes, items, kDeadlyOnce, {.chunk = 25, .pool = &pool});
  std::filesystem::remove(file);
  EXPECT_EQ(pool.ledger().respawns, 1);
  EXPECT_EQ(result.items[20].value, static_cast<int>(file.size()));
  EXPECT_EQ(result.items.size(), 50U);
}

TEST(ParallelMapProcesses, WorkersKilledWhileIdleAreReplaced) {
  Pool pool(2);
  const MapOptions options{.chunk = 1, .pool = &pool};
  for (const pid_t pid : parallel_map(MapStrategy::processes, counted(20), kPidOfWorker, options).values())
    kill(pid, SIGKILL);
  const auto result = parallel_map(MapStrategy::processes, counted(1000), kDeadly, options);
  ASSERT_EQ(result.items.size(), 1000U);
  for (const auto& [index, value] : result.items) EXPECT_EQ(value, static_cast<int>(index) + 1);
}

TEST(ParallelMapProcesses, WorkersKilledWhileTheyWorkAreReplaced) {
  Pool pool(2);
  const auto pids =
      parallel_map(MapStrategy::processes, counted(20), kPidOfWorker, {.chunk = 1, .pool = &pool}).values();
  const std::set<pid_t> first(pids.begin(), pids.end());
  const auto kill_all = [&](std::size_t done, std::size_t) {
    if (done == 49)
      for (const pid_t pid : first) kill(pid, SIGKILL);
  };
  const auto result =
      parallel_map(MapStrategy::processes, counted(300), kSlowly, {.chunk = 7, .progress = kill_all, .pool = &pool});
  EXPECT_GE(pool.ledger().respawns, 1);
  ASSERT_EQ(result.items.size(), 300U);
  for (std::size_t i = 0; i < 300; ++i) {
    EXPECT_EQ(result.items[i].index, i);
    EXPECT_EQ(result.items[i].value, static_cast<int>(i) + 1);
  }
}

TEST(ParallelMapProcesses, StartsNoMoreWorkersThanThereAreChunks) {
  const auto pids =
      parallel_map(MapStrategy::processes, counted(10), kPidOfWorker, {.workers = 8, .chunk = 10}).values();
  EXPECT_EQ(std::set<pid_t>(pids.begin(), pids.end()).size(), 1U);
  EXPECT_NE(pids[0], getpid());
}

}  // namespace
}  // namespace overtake
