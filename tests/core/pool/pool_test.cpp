// SPDX-License-Identifier: Apache-2.0
#include "core/pool/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>
#include <string>
#include <thread>

#include "core/error.h"
#include "core/memory/arena.h"
#include "core/random.h"

namespace overtake {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A worker that dies before main(), as often as the test that sets the variable lets it; each adds a byte to the file.
const bool kDiesAtStart = [] {
  const char* file = std::getenv("POOL_TEST_DIE_AT_START");
  if (file == nullptr || std::getenv("OVERTAKE_CHILD") == nullptr) return false;
  std::ofstream(file, std::ios::app) << 'x' << std::flush;
  std::raise(SIGKILL);
  return true;
}();

struct Dies {
  SharedRef attempts;  // one int, counted up by each attempt
  int times;           // so many attempts do not survive
  enum How { killed, exits, hangs } how;
};

int square(WorkerContext&, const int& x) {
  usleep(static_cast<useconds_t>(RandomStream({7}, 0).bits(static_cast<std::uint64_t>(x)) % 2000));
  return x * x;
}
std::string shout(WorkerContext&, const std::string& text) { return text + "!"; }
int which_worker(WorkerContext& worker, const int&) {
  usleep(1000);
  return worker.worker();
}
pid_t own_pid(WorkerContext&, const int&) { return getpid(); }
int die_at_first(WorkerContext& worker, const Dies& task) {
  const int attempt = ++std::atomic_ref(worker.map<int>(task.attempts)[0]);
  if (attempt > task.times) return attempt;
  if (task.how == Dies::killed) std::raise(SIGKILL);
  if (task.how == Dies::exits) _exit(3);
  for (;;) pause();
}
int throw_at_3(WorkerContext&, const int& x) {
  if (x == 3) throw std::runtime_error("three is out of the question");
  return x;
}
int beat(WorkerContext& worker, const int& times) {
  for (int i = 0; i < times; ++i) {
    usleep(50'000);
    worker.heartbeat();
  }
  return times;
}
double sum_block(WorkerContext& worker, const SharedRef& block) {
  const auto values = worker.map<double>(block);
  return std::accumulate(values.begin(), values.end(), 0.0);
}
void make_pool(WorkerContext&, const int&) { Pool pool(1); }
int omp_sum(WorkerContext&, const int& n) {
  int sum = 0;
#pragma omp parallel for num_threads(2) reduction(+ : sum)
  for (int i = 1; i <= n; ++i) sum += i;
  return sum;
}
void burn(WorkerContext&, const double& cpu_seconds) {
  const auto begin = std::clock();
  while (static_cast<double>(std::clock() - begin) < cpu_seconds * CLOCKS_PER_SEC) {
  }
}

const auto kSquare = register_task<square>("test_square");
const auto kShout = register_task<shout>("test_shout");
const auto kWhichWorker = register_task<which_worker>("test_which_worker");
const auto kOwnPid = register_task<own_pid>("test_own_pid");
const auto kDieAtFirst = register_task<die_at_first>("test_die_at_first");
const auto kThrowAt3 = register_task<throw_at_3>("test_throw_at_3");
const auto kBeat = register_task<beat>("test_beat");
const auto kSumBlock = register_task<sum_block>("test_sum_block");
const auto kMakePool = register_task<make_pool>("test_make_pool");
const auto kOmpSum = register_task<omp_sum>("test_omp_sum");
const auto kBurn = register_task<burn>("test_burn");

template <class Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

std::vector<int> up_to(int n) {
  std::vector<int> out(static_cast<std::size_t>(n));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

long open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

TEST(Pool, GivesResultsInTheOrderOfTheTasks) {
  Pool pool(3);
  EXPECT_EQ(pool.workers(), 3);
  const auto squares = pool.run(kSquare, up_to(100));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(squares[static_cast<std::size_t>(i)], i * i);
  EXPECT_TRUE(pool.run(kSquare, {}).empty());
  EXPECT_EQ(pool.run(kSquare, {7}), std::vector{49});
}

TEST(Pool, TaskIGoesToWorkerIWhereEachGetsOne) {
  Pool pool(3);
  for (int repeat = 0; repeat < 20; ++repeat) EXPECT_EQ(pool.run(kWhichWorker, up_to(3)), (std::vector{0, 1, 2}));
}

TEST(Pool, CarriesTextOfAnyLength) {
  Pool pool(2);
  const std::vector<std::string> texts = {"", "a", std::string(5'000'000, 'x')};
  EXPECT_EQ(pool.run(kShout, texts), (std::vector<std::string>{"!", "a!", std::string(5'000'000, 'x') + "!"}));
}

TEST(Pool, RefusesLessThanOneWorkerAndPoolsInsideWorkers) {
  EXPECT_THROW(Pool(0), UsageError);
  EXPECT_THROW(Pool(-1), UsageError);
  Pool pool(1);
  EXPECT_THAT(message_of([&] { pool.run(kMakePool, {1}); }), HasSubstr("a worker of a pool cannot make a pool itself"));
}

TEST(Pool, ATaskWhoseWorkerDiesIsGivenToAnother) {
  for (const auto how : {Dies::killed, Dies::exits}) {
    Arena arena;
    Pool pool(2);
    const auto count = arena.allocate<int>(2);
    const auto results = pool.run(kDieAtFirst, {Dies{pool.share(&count[0], sizeof(int)), 2, how},
                                                Dies{pool.share(&count[1], sizeof(int)), 0, how}});
    EXPECT_EQ(results, (std::vector{3, 1}));
    EXPECT_EQ(pool.ledger().respawns, 2);
    EXPECT_EQ(pool.metrics().integer("respawns"), 2);
  }
}

TEST(Pool, ATaskThatLosesEveryWorkerIsAnErrorThatNamesWorkerSignalAndTask) {
  Arena arena;
  Pool pool(2);
  const auto count = arena.allocate<int>(2);
  const SharedRef first = pool.share(&count[0], sizeof(int)), second = pool.share(&count[1], sizeof(int));
  EXPECT_THAT(
      message_of([&] { pool.run(kDieAtFirst, {Dies{first, 0, Dies::killed}, Dies{second, 99, Dies::killed}}); }),
      AllOf(HasSubstr("worker "), HasSubstr("was killed by signal 9 (SIGKILL)"),
            HasSubstr("at task 2 of 2 of test_die_at_first")));
  EXPECT_EQ(count[1], 3);
  EXPECT_THAT(message_of([&] { pool.run(kDieAtFirst, {Dies{second, 99, Dies::exits}}); }),
              HasSubstr("exited with status 3"));
  EXPECT_EQ(pool.run(kSquare, {5}), std::vector{25}) << "the pool can be used after an error";
}

TEST(Pool, AHungWorkerIsKilledAfterTheTimeLimit) {
  Arena arena;
  Pool pool(2, {.task_seconds = 0.2});
  const auto count = arena.allocate<int>(1);
  const SharedRef ref = pool.share(count.data(), sizeof(int));
  EXPECT_EQ(pool.run(kDieAtFirst, {Dies{ref, 1, Dies::hangs}}), std::vector{2});
  EXPECT_EQ(pool.ledger().respawns, 1);
  EXPECT_THAT(message_of([&] { pool.run(kDieAtFirst, {Dies{ref, 99, Dies::hangs}}); }),
              HasSubstr("gave no sign of life for 0.2 s and was killed at task 1 of 1"));
}

TEST(Pool, AHeartbeatKeepsALongTaskAlive) {
  Pool pool(1, {.task_seconds = 0.3});
  EXPECT_EQ(pool.run(kBeat, {12}), std::vector{12});
  EXPECT_EQ(pool.ledger().respawns, 0);
}

TEST(Pool, AnExceptionOfATaskReachesTheParentAndCostsNoWorker) {
  Pool pool(2);
  EXPECT_THAT(message_of([&] { pool.run(kThrowAt3, up_to(8)); }),
              AllOf(HasSubstr("task 4 of 8 of test_throw_at_3"), HasSubstr("three is out of the question")));
  EXPECT_EQ(pool.run(kThrowAt3, {1, 2}), (std::vector{1, 2}));
  EXPECT_EQ(pool.ledger().respawns, 0);
}

TEST(Pool, AWorkerThatDiedWhileIdleIsReplacedAndCountsAgainstNoTask) {
  Pool pool(2, {.retries = 0});
  const auto pids = pool.run(kOwnPid, up_to(2));
  kill(pids[0], SIGKILL);
  usleep(20'000);
  EXPECT_EQ(pool.run(kShout, std::vector<std::string>(4, std::string(1'000'000, 'x'))).size(), 4U);
  EXPECT_EQ(pool.ledger().respawns, 1);
}

TEST(Pool, WorkersThatAllDieAtStartAreAnErrorAndNoLoop) {
  const std::string file = testing::TempDir() + "dies_at_start_" + std::to_string(getpid());
  setenv("POOL_TEST_DIE_AT_START", file.c_str(), 1);
  const std::string message = message_of([] { Pool pool(1); });
  unsetenv("POOL_TEST_DIE_AT_START");
  EXPECT_THAT(message, AllOf(HasSubstr("worker 0 could not be started"), HasSubstr("signal 9 (SIGKILL)")));
  EXPECT_EQ(std::filesystem::file_size(file), 3U);
  std::filesystem::remove(file);
}

TEST(Pool, WorkersThatCannotBeReplacedAreAnError) {
  const std::string file = testing::TempDir() + "dies_later_" + std::to_string(getpid());
  Pool pool(1);
  kill(pool.run(kOwnPid, {0})[0], SIGKILL);
  usleep(20'000);
  setenv("POOL_TEST_DIE_AT_START", file.c_str(), 1);
  EXPECT_THAT(message_of([&] { pool.run(kSquare, {1, 2}); }), HasSubstr("worker 0 could not be started"));
  unsetenv("POOL_TEST_DIE_AT_START");
  std::filesystem::remove(file);
  EXPECT_EQ(pool.run(kSquare, {3}), std::vector{9});
}

TEST(Pool, SharesBlocksOfArenasThatGrowAndGo) {
  Pool pool(2);
  Arena arena;
  const auto small = arena.allocate<double>(10);
  small[9] = 4;
  const SharedRef first = pool.share(small.data(), small.size_bytes());
  EXPECT_EQ(pool.run(kSumBlock, {first, SharedRef{}}), (std::vector{4.0, 0.0}));
  const auto large = arena.allocate<double>(1'000'000);
  large[999'999] = 5;
  const SharedRef second = pool.share(large.data(), large.size_bytes());
  EXPECT_EQ(pool.run(kSumBlock, {first, second}), (std::vector{4.0, 5.0}));
  {
    Arena brief;
    const auto block = brief.allocate<double>(3);
    block[0] = 6;
    const SharedRef third = pool.share(block.data(), block.size_bytes());
    EXPECT_EQ(pool.run(kSumBlock, {third, first}), (std::vector{6.0, 4.0}));
    brief = Arena();
    pool.share(small.data(), 8);
    EXPECT_THAT(message_of([&] { pool.run(kSumBlock, {third}); }), HasSubstr("after its arena was destroyed"));
  }
  EXPECT_EQ(pool.run(kSumBlock, {first, second}), (std::vector{4.0, 5.0}));
  EXPECT_THAT(message_of([&] { pool.run(kSumBlock, {{first.arena, first.offset, 1 << 30}}); }),
              HasSubstr("lies outside of its arena"));
  const double local = 0;
  EXPECT_THROW(pool.share(&local, sizeof local), std::logic_error);
}

TEST(Pool, WorksAfterOpenMPWasUsedAndWithOpenMPInTheWorkers) {
  int sum = 0;
#pragma omp parallel for num_threads(2) reduction(+ : sum)
  for (int i = 1; i <= 1000; ++i) sum += i;
  EXPECT_EQ(sum, 500'500);
  Pool pool(2);
  EXPECT_EQ(pool.run(kOmpSum, {1000, 2000}), (std::vector{500'500, 2'001'000}));
}

TEST(Pool, LeaksNoDescriptors) {
  {
    Pool warm(1);
  }
  const long before = open_descriptors();
  {
    Arena arena;
    Pool pool(2);
    const auto count = arena.allocate<int>(1);
    pool.run(kDieAtFirst, {Dies{pool.share(count.data(), sizeof(int)), 1, Dies::killed}});
    const long within = open_descriptors();
    for (int i = 0; i < 50; ++i) {
      Arena other;
      const auto block = other.allocate<double>(1);
      pool.run(kSumBlock, {pool.share(block.data(), 8)});
    }
    EXPECT_LE(open_descriptors(), within + 1);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(Pool, LedgerAndCpuTimeAccountForTheWork) {
  Pool pool(2);
  const double before = all_pools_cpu_seconds();
  pool.run(kBurn, {0.1, 0.05, 0.05});
  const PoolLedger& ledger = pool.ledger();
  EXPECT_GT(ledger.start, 0.0);
  EXPECT_GE(ledger.compute_max, 0.1);
  EXPECT_GE(ledger.compute_sum, 0.2);
  EXPECT_LE(ledger.compute_max, ledger.compute_sum);
  EXPECT_GE(ledger.wait, 0.09);
  EXPECT_GE(pool.cpu_seconds(), 0.2);
  EXPECT_GE(all_pools_cpu_seconds() - before, 0.19);
  pool.run(kBurn, {0.0});
  EXPECT_LT(pool.ledger().compute_sum, 0.1) << "the ledger is that of the last run";
}

TEST(Pool, SurvivesTwoHundredKills) {
  if (std::getenv("OVERTAKE_LONG_TESTS") == nullptr) GTEST_SKIP() << "OVERTAKE_LONG_TESTS is not set";
  Pool pool(3, {.retries = 200});
  std::set<pid_t> killed;
  while (killed.size() < 200) {
    const auto pids = pool.run(kOwnPid, up_to(3));
    std::jthread killer([&] {
      for (const pid_t pid : pids) {
        usleep(3000);
        if (killed.insert(pid).second) kill(pid, SIGKILL);
      }
    });
    const auto squares = pool.run(kSquare, up_to(60));
    for (int i = 0; i < 60; ++i) ASSERT_EQ(squares[static_cast<std::size_t>(i)], i * i);
  }
  EXPECT_GE(pool.ledger().respawns, 190);
}

}  // namespace
}  // namespace overtake
