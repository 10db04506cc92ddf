// SPDX-License-Identifier: Apache-2.0
// Every strategy of parallel_map against a plain loop.
#include "core/parallel/map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <latch>
#include <numeric>
#include <ranges>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/file_descriptor.h"
#include "core/pool/pool.h"

namespace overtake {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Numbers = std::vector<std::int64_t>;

constexpr MapStrategy kEveryStrategy[] = {MapStrategy::serial, MapStrategy::threads, MapStrategy::openmp,
                                          MapStrategy::async, MapStrategy::processes};
constexpr MapStrategy kOfThreads[] = {MapStrategy::serial, MapStrategy::threads, MapStrategy::openmp};

// Registered coroutines run with every strategy.
Waiting<std::int64_t> triple(const std::int64_t& x) { co_return 3 * x; }
Waiting<std::int64_t> uneven(const std::int64_t& x) {
  if (x % 7 == 1) co_await seconds_pass(1e-6 * static_cast<double>(x % 100));
  std::int64_t sum = x;
  for (std::int64_t i = 0; i < x * x % 1999; ++i) sum += i % 3;
  co_return sum;
}
Waiting<std::int64_t> refuse_sevens(const std::int64_t& x) {
  co_await seconds_pass(0);
  if (x % 7 == 3) throw std::runtime_error(std::to_string(x) + " is out of the question");
  co_return x;
}
Waiting<std::string> spelled(const std::string& text) {
  co_await seconds_pass(0);
  co_return text + text;
}
Waiting<void> nothing(const std::int64_t&) { co_return; }
Waiting<int> never(const std::int64_t&) {
  co_await seconds_pass(1e12);
  co_return 0;
}
std::int64_t throw_a_number(const std::int64_t& x) { throw x; }

const auto kTriple = register_map<triple>("map_triple");
const auto kUneven = register_map<uneven>("map_uneven");
const auto kRefuseSevens = register_map<refuse_sevens>("map_refuse_sevens");
const auto kSpelled = register_map<spelled>("map_spelled");
const auto kNothing = register_map<nothing>("map_nothing");
const auto kNever = register_map<never>("map_never");
const auto kThrowANumber = register_map<throw_a_number>("map_throw_a_number");

Numbers numbers_to(std::size_t count) {
  Numbers out(count);
  std::iota(out.begin(), out.end(), 0);
  return out;
}

template <class T>
std::vector<std::size_t> indices_of(const MapResult<T>& result) {
  std::vector<std::size_t> out;
  for (const auto& item : result.items) out.push_back(item.index);
  return out;
}

std::string named(MapStrategy strategy) { return std::string(to_string(strategy)); }

TEST(ParallelMap, EveryStrategyGivesWhatALoopGives) {
  Pool pool(3);
  for (const MapStrategy strategy : kEveryStrategy)
    for (const std::size_t count : {0, 1, 2, 3, 17, 1000})
      for (const std::size_t chunk : {std::size_t{0}, std::size_t{1}, std::size_t{7}, static_cast<std::size_t>(-1)})
        for (const int workers : {0, 1, 3}) {
          const Numbers items = numbers_to(count);
          Numbers expected;
          for (const auto x : items) expected.push_back(3 * x);
          const auto result =
              parallel_map(strategy, items, kTriple, {.workers = workers, .chunk = chunk, .pool = &pool});
          SCOPED_TRACE(named(strategy) + " of " + std::to_string(count) + " by " + std::to_string(chunk));
          EXPECT_EQ(result.not_run, 0U);
          EXPECT_TRUE(result.errors.empty());
          ASSERT_EQ(result.items.size(), count);
          for (std::size_t i = 0; i < count; ++i) {
            ASSERT_EQ(result.items[i].index, i);
            ASSERT_EQ(result.items[i].value, expected[i]);
          }
        }
}

TEST(ParallelMap, CarriesAMillionItemsWithEveryStrategy) {
  const Numbers items = numbers_to(1'000'000);
  for (const MapStrategy strategy : kEveryStrategy) {
    const auto result = parallel_map(strategy, items, kTriple, {.workers = 2});
    ASSERT_EQ(result.items.size(), items.size()) << named(strategy);
    bool right = true;
    for (std::size_t i = 0; i < items.size(); ++i)
      right = right && result.items[i].index == i && result.items[i].value == 3 * items[i];
    EXPECT_TRUE(right) << named(strategy);
  }
}

TEST(ParallelMap, PutsUnevenItemsInTheirPlaces) {
  Pool pool(3);
  const Numbers items = numbers_to(3000);
  Numbers expected;
  for (const std::int64_t x : items) {
    std::int64_t sum = x;
    for (std::int64_t i = 0; i < x * x % 1999; ++i) sum += i % 3;
    expected.push_back(sum);
  }
  for (const MapStrategy strategy : kEveryStrategy)
    for (const std::size_t chunk : {0, 1, 50})
      EXPECT_EQ(parallel_map(strategy, items, kUneven, {.workers = 3, .chunk = chunk, .pool = &pool}).values(),
                expected)
          << named(strategy) << " by " << chunk;
}

TEST(ParallelMap, AsCompletedGivesEveryItemOnceWithItsIndex) {
  Pool pool(2);
  const Numbers items = numbers_to(2000);
  const Numbers expected = parallel_map(MapStrategy::serial, items, kUneven).values();
  for (const MapStrategy strategy : kEveryStrategy)
    for (const std::size_t chunk : {0, 1, 333}) {
      auto result = parallel_map(strategy, items, kUneven,
                                 {.workers = 2, .order = MapOrder::as_completed, .chunk = chunk, .pool = &pool});
      std::ranges::sort(result.items, {}, &MapItem<std::int64_t>::index);
      ASSERT_EQ(result.items.size(), items.size()) << named(strategy);
      for (std::size_t i = 0; i < items.size(); ++i) {
        ASSERT_EQ(result.items[i].index, i) << named(strategy);
        ASSERT_EQ(result.items[i].value, expected[i]) << named(strategy);
      }
    }
}

TEST(ParallelMap, AsCompletedPutsTheItemThatEndsFirstFirst) {
  std::latch second_ended(1);
  const auto first_waits = [&](int x) {
    if (x == 0) second_ended.wait();
    if (x == 1) second_ended.count_down();
    return x;
  };
  const std::vector<int> two = {0, 1};
  const MapOptions options{.workers = 2, .order = MapOrder::as_completed, .chunk = 1};
  // The second may be suspended between its end and its note of it, so its place is not certain with threads.
  for (const MapStrategy strategy : {MapStrategy::threads, MapStrategy::openmp}) {
    const auto result = parallel_map(strategy, two, first_waits, options);
    EXPECT_EQ(result.items.size(), 2U) << "both ran at the same time with " << named(strategy);
  }
  const FileDescriptor event(eventfd(0, EFD_CLOEXEC));
  const auto waits = [&](const int& x) -> Waiting<int> {
    const std::uint64_t one = 1;
    if (x == 0) co_await readable(event.get(), 60);
    EXPECT_TRUE(x == 0 || write(event.get(), &one, sizeof one) == 8);
    co_return x;
  };
  EXPECT_THAT(indices_of(parallel_map(MapStrategy::async, two, waits, options)), ElementsAre(1, 0));
  EXPECT_THAT(indices_of(parallel_map(MapStrategy::async, two, waits, {.workers = 2})), ElementsAre(0, 1));
}

TEST(ParallelMap, CollectsTheErrorsOfEveryItemThatFailed) {
  Pool pool(2);
  const Numbers items = numbers_to(100);
  for (const MapStrategy strategy : kEveryStrategy)
    for (const MapOrder order : {MapOrder::of_items, MapOrder::as_completed}) {
      auto result = parallel_map(strategy, items, kRefuseSevens,
                                 {.workers = 2, .order = order, .on_error = OnError::collect, .pool = &pool});
      SCOPED_TRACE(named(strategy));
      ASSERT_EQ(result.errors.size(), 14U);
      for (std::size_t k = 0; k < result.errors.size(); ++k) {
        const std::size_t index = 3 + 7 * k;
        EXPECT_EQ(result.errors[k].index, index);
        EXPECT_EQ(result.errors[k].what(),
                  "item " + std::to_string(index) + ": " + std::to_string(index) + " is out of the question");
        EXPECT_THROW(std::rethrow_exception(result.errors[k].cause), std::runtime_error);
      }
      EXPECT_EQ(result.items.size(), 86U);
      EXPECT_EQ(result.not_run, 0U);
      for (const auto& [index, value] : result.items) EXPECT_EQ(static_cast<std::int64_t>(index), value);
    }
}

TEST(ParallelMap, ThrowsTheFirstErrorWithItsItem) {
  Pool pool(2);
  for (const MapStrategy strategy : kEveryStrategy) {
    try {
      parallel_map(strategy, numbers_to(1000), kRefuseSevens, {.workers = 2, .pool = &pool});
      FAIL() << named(strategy);
    } catch (const MapError& error) {
      EXPECT_EQ(error.index % 7, 3U);
      EXPECT_EQ(error.what(),
                "item " + std::to_string(error.index) + ": " + std::to_string(error.index) + " is out of the question");
    }
  }
  int calls = 0;
  const auto count = [&](std::int64_t x) {
    ++calls;
    if (x >= 5) throw std::logic_error("five");
  };
  EXPECT_THROW(parallel_map(MapStrategy::serial, numbers_to(1000), count), MapError);
  EXPECT_EQ(calls, 6) << "no item is begun after the error";
}

TEST(ParallelMap, ReportsExceptionsOfUnknownType) {
  for (const MapStrategy strategy : {MapStrategy::serial, MapStrategy::threads, MapStrategy::processes}) {
    const auto result =
        parallel_map(strategy, Numbers{1, 2}, kThrowANumber, {.workers = 1, .on_error = OnError::collect});
    ASSERT_EQ(result.errors.size(), 2U);
    EXPECT_STREQ(result.errors[1].what(), "item 1: an exception of unknown type");
  }
}

TEST(ParallelMap, TellsProgressUpToTheEnd) {
  Pool pool(2);
  for (const MapStrategy strategy : kEveryStrategy)
    for (const std::size_t chunk : {0, 1, 1000}) {
      std::vector<std::size_t> told;
      const auto note = [&](std::size_t done, std::size_t total) {
        EXPECT_EQ(total, 500U);
        told.push_back(done);
      };
      const auto result =
          parallel_map(strategy, numbers_to(500), kRefuseSevens,
                       {.workers = 3, .chunk = chunk, .on_error = OnError::collect, .progress = note, .pool = &pool});
      SCOPED_TRACE(named(strategy) + " by " + std::to_string(chunk));
      ASSERT_FALSE(told.empty());
      EXPECT_TRUE(std::ranges::is_sorted(told, std::ranges::less_equal())) << "each larger than the one before";
      EXPECT_EQ(told.back(), 500U);
      EXPECT_TRUE(chunk != 1 || told.size() == 500U);
    }
}

TEST(ParallelMap, ThrowsWhatProgressThrows) {
  Pool pool(2);
  for (const MapStrategy strategy : kEveryStrategy) {
    const auto give_up = [](std::size_t, std::size_t) { throw UsageError("enough"); };
    EXPECT_THROW(parallel_map(strategy, numbers_to(500), kTriple, {.workers = 2, .progress = give_up, .pool = &pool}),
                 UsageError)
        << named(strategy);
  }
  EXPECT_EQ(parallel_map(MapStrategy::processes, numbers_to(5), kTriple, {.pool = &pool}).items.size(), 5U);
}

TEST(ParallelMap, CancelledBeforeItBeginsRunsNothing) {
  std::stop_source source;
  source.request_stop();
  for (const MapStrategy strategy : kEveryStrategy) {
    const auto result = parallel_map(strategy, numbers_to(100), kNever, {.workers = 2, .cancel = source.get_token()});
    EXPECT_EQ(result.not_run, 100U) << named(strategy);
    EXPECT_TRUE(result.items.empty());
  }
}

TEST(ParallelMap, CancelledItLeavesOutWhatHasNotBegun) {
  for (const MapStrategy strategy : kOfThreads) {
    std::stop_source source;
    std::atomic<int> calls = 0;
    const auto stop_at_once = [&](std::int64_t x) {
      ++calls;
      if (x == 0) source.request_stop();
      while (!source.stop_requested()) std::this_thread::yield();
      return x;
    };
    const auto result = parallel_map(strategy, numbers_to(1000), stop_at_once,
                                     {.workers = 2, .order = MapOrder::as_completed, .cancel = source.get_token()});
    EXPECT_LE(calls, 2) << named(strategy);
    EXPECT_EQ(result.items.size(), static_cast<std::size_t>(calls));
    EXPECT_EQ(result.not_run, 1000U - static_cast<std::size_t>(calls));
  }
}

TEST(ParallelMap, CancelledHalfWayItGivesWhatWasDone) {
  Pool pool(2);
  const Numbers items = numbers_to(1000);
  for (const MapStrategy strategy : kEveryStrategy)
    for (const MapOrder order : {MapOrder::of_items, MapOrder::as_completed})
      for (const std::size_t last : {1, 1000}) {
        SCOPED_TRACE(named(strategy) + " until " + std::to_string(last));
        std::stop_source source;
        const auto stop = [&](std::size_t done, std::size_t) {
          if (done >= last) source.request_stop();
        };
        const auto result = parallel_map(
            strategy, items, kTriple,
            {.workers = 2, .order = order, .chunk = 1, .progress = stop, .cancel = source.get_token(), .pool = &pool});
        EXPECT_GE(result.items.size(), last);
        EXPECT_EQ(result.items.size() + result.not_run, 1000U);
        // Nothing is begun after that: of each worker an item is on its way, of processes a message is besides.
        EXPECT_TRUE(last > 1 || result.items.size() <= 8) << result.items.size();
        const auto indices = indices_of(result);
        EXPECT_EQ(std::set<std::size_t>(indices.begin(), indices.end()).size(), indices.size());
        EXPECT_TRUE(order == MapOrder::as_completed || std::ranges::is_sorted(indices));
        for (const auto& [index, value] : result.items) EXPECT_EQ(value, 3 * items[index]);
      }
}

TEST(ParallelMap, CancellationWakesWhatWaits) {
  Pool pool(2);
  for (const MapStrategy strategy : kEveryStrategy) {
    std::stop_source source;
    const std::jthread later([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      source.request_stop();
    });
    const auto result =
        parallel_map(strategy, numbers_to(50), kNever, {.workers = 2, .cancel = source.get_token(), .pool = &pool});
    EXPECT_EQ(result.not_run, 50U) << named(strategy);
  }
  EXPECT_EQ(parallel_map(MapStrategy::processes, numbers_to(5), kTriple, {.pool = &pool}).items.size(), 5U)
      << "the pool can be used after that";
}

TEST(ParallelMap, AnErrorWakesWhatWaits) {
  const auto one_fails = [](const int& x) -> Waiting<int> {
    if (x == 0) throw std::runtime_error("no");
    co_await seconds_pass(1e12);
    co_return x;
  };
  for (const MapStrategy strategy : {MapStrategy::threads, MapStrategy::openmp, MapStrategy::async})
    EXPECT_THROW(parallel_map(strategy, std::vector<int>{1, 2, 0, 3}, one_fails, {.workers = 4, .chunk = 1}), MapError);
}

TEST(ParallelMap, RunsOnSeveralThreadsAtOnce) {
  for (const MapStrategy strategy : {MapStrategy::threads, MapStrategy::openmp}) {
    std::latch all(3);
    const auto meet = [&](int) { all.arrive_and_wait(); };
    EXPECT_EQ(parallel_map(strategy, std::views::iota(0, 3), meet, {.workers = 3}).items.size(), 3U);
  }
}

TEST(ParallelMap, TakesItemsAndGivesResultsOfManyKinds) {
  Pool pool(2);
  const std::vector<std::string> texts = {"", "a", std::string(3'000'000, 'x'), "b"};
  std::vector<std::string> twice;
  for (const std::string& text : texts) twice.push_back(text + text);
  for (const MapStrategy strategy : kEveryStrategy) {
    EXPECT_EQ(parallel_map(strategy, texts, kSpelled, {.workers = 2, .pool = &pool}).values(), twice);
    EXPECT_EQ(parallel_map(strategy, numbers_to(9), kNothing, {.workers = 2, .pool = &pool}).items.size(), 9U);
  }
  const std::vector<bool> bits = {true, false, true};
  for (const MapStrategy strategy : kOfThreads) {
    EXPECT_EQ(parallel_map(strategy, bits, [](bool bit) { return !bit; }, {.chunk = 1}).values(),
              (std::vector<bool>{false, true, false}));
    EXPECT_EQ(parallel_map(strategy, std::views::iota(0, 3), [](int x) { return std::to_string(x); }).values(),
              (std::vector<std::string>{"0", "1", "2"}));
  }
}

TEST(ParallelMap, RefusesWhatAStrategyCannotRun) {
  const std::vector<int> items = {1};
  const auto plain = [](int x) { return x; };
  const auto message = [&](MapStrategy strategy, const MapOptions& options) -> std::string {
    try {
      parallel_map(strategy, items, plain, options);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message(MapStrategy::async, {}), HasSubstr("Waiting<T>"));
  EXPECT_THAT(message(MapStrategy::processes, {}), HasSubstr("register_map()"));
  EXPECT_THAT(message(MapStrategy::threads, {.workers = -1}), HasSubstr("-1 workers"));
  EXPECT_THAT(message(MapStrategy::processes, {.retries = -1}), HasSubstr("-1 retries"));
}

TEST(ParallelMap, KnowsItsStrategiesByName) {
  for (const MapStrategy strategy : kEveryStrategy) EXPECT_EQ(parse_map_strategy(to_string(strategy)), strategy);
  EXPECT_THROW(parse_map_strategy("thread"), UsageError);
}

}  // namespace
}  // namespace overtake
