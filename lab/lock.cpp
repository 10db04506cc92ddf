// SPDX-License-Identifier: Apache-2.0
// One counter and more and more threads: under one mutex, under many (striped), as an atomic, and one for each thread.
// What is shared decides how far it scales, not how much work there is. And the largest lock of all: that of an
// interpreter, which lets one thread compute at a time and any number wait.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <memory>
#include <mutex>

#include "compare/text.h"
#include "lab/engine/crew.h"
#include "lab/engine/interpreter.h"
#include "lab/engine/words.h"
#include "lab/lab.h"

namespace overtake::lab {
namespace {

constexpr int kMostWorkers = 16;

struct OneMutex {
  std::mutex mutex;
  std::uint64_t count = 0;
  void add(int, std::int64_t) {
    const std::lock_guard lock(mutex);
    ++count;
  }
  std::uint64_t total() const { return count; }
};

// As a hash table with a lock for each part: an update goes where its key falls, here scattered by its number.
struct Striped {
  struct alignas(128) Stripe {
    std::mutex mutex;
    std::uint64_t count = 0;
  };
  static constexpr std::uint64_t kStripes = 16;
  std::array<Stripe, kStripes> stripes;
  void add(int worker, std::int64_t number) {
    // The top bits of a product with 2^64 over the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
    const std::uint64_t key = static_cast<std::uint64_t>(number) * kMostWorkers + static_cast<std::uint64_t>(worker);
    Stripe& stripe = stripes[(key * 11400714819323198485ULL) >> 60];
    const std::lock_guard lock(stripe.mutex);
    ++stripe.count;
  }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const Stripe& stripe : stripes) sum += stripe.count;
    return sum;
  }
};

struct Atomic {
  std::atomic<std::uint64_t> count{0};
  void add(int, std::int64_t) { count.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t total() const { return count.load(); }
};

struct Own {
  struct alignas(128) Part {
    std::atomic<std::uint64_t> count{0};  // atomic so that each addition is made; its thread alone writes it
  };
  std::array<Part, kMostWorkers> parts;
  void add(int worker, std::int64_t) {
    auto& count = parts[static_cast<std::size_t>(worker)].count;
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const Part& part : parts) sum += part.count.load();
    return sum;
  }
};

// `ask.times` updates, shared out evenly.
template <class Way>
Timed run_way(int workers, const Ask& ask) {
  const auto way = std::make_unique<Way>();
  const CrewTime time = time_crew(workers, [&](int worker) {
    for (std::int64_t i = worker; i < ask.times; i += workers) way->add(worker, i);
  });
  return {.seconds = time.seconds,
          .cpu_seconds = time.cpu_seconds,
          .error = std::abs(static_cast<double>(way->total()) - static_cast<double>(ask.times))};
}

constexpr std::int64_t kInstructions = 1'000'000;
constexpr int kWaitMilliseconds = 10;

// One task for each thread, so that what overlaps takes as long as one thread alone.
Timed interpret(Interpreter::Lock lock, bool waits, int workers) {
  static const std::uint64_t expected = Interpreter(Interpreter::Lock::none).compute(kInstructions);
  Interpreter interpreter(lock);
  std::atomic<int> wrong{0};
  const CrewTime time = time_crew(workers, [&](int) {
    if (waits) return interpreter.wait(1e-3 * kWaitMilliseconds);
    if (interpreter.compute(kInstructions) != expected) ++wrong;
  });
  return {.seconds = time.seconds, .cpu_seconds = time.cpu_seconds, .error = static_cast<double>(wrong.load())};
}

const KeyValues kComputing = {{"work", "computing"}}, kWaiting = {{"work", "waiting"}};

void measure(Session& session) {
  std::vector<Probe> probes;
  for (const int workers : session.worker_counts(2, kMostWorkers)) {
    probes.push_back({{"mutex", workers}, "total", [=](const Ask& ask) { return run_way<OneMutex>(workers, ask); }});
    probes.push_back({{"striped", workers}, "total", [=](const Ask& ask) { return run_way<Striped>(workers, ask); }});
    probes.push_back({{"atomic", workers}, "total", [=](const Ask& ask) { return run_way<Atomic>(workers, ask); }});
    probes.push_back({{"own", workers}, "total", [=](const Ask& ask) { return run_way<Own>(workers, ask); }});
  }
  for (const int workers : {1, 2})
    for (const bool waits : {false, true})
      for (const auto lock : {Interpreter::Lock::global, Interpreter::Lock::none}) {
        const std::string variant = lock == Interpreter::Lock::global ? "global_lock" : "no_lock";
        const KeyValues shape = waits ? KeyValues{{"wait_ms", std::to_string(kWaitMilliseconds)}}
                                      : KeyValues{{"instructions", std::to_string(kInstructions)}};
        probes.push_back(
            {.what = {variant, workers, waits ? kWaiting : kComputing, Strategy::threads, Scope::kernel, shape},
             .check = waits ? "unchecked" : "same as alone",
             .run = [=](const Ask&) { return interpret(lock, waits, workers); },
             .repeats = false});
      }
  session.run(probes);
}

constexpr std::array<const char*, 4> kWays = {"mutex", "striped", "atomic", "own"};

std::string said_of(const char* way) {
  const std::string_view name = way;
  if (name == "own") return "a counter for each thread";
  if (name == "atomic") return "one atomic";
  return name == "striped" ? "16 striped mutexes" : "one mutex";
}

// What the second thread did to the counter under one mutex.
std::string mutex_sentence(const Figures& figures) {
  const double alone = figures.seconds("mutex", 1), two = figures.seconds("mutex", 2);
  const std::string figure =
      fmt::format("Under one mutex the same number of updates took two threads {} one ({} and {} an update)",
                  as_long_as(two, alone), compare::duration_text(two), compare::duration_text(alone));
  if (longer(two, alone))
    return figure +
           ": the second thread made everybody slower, because lock and counter now move between cores and "
           "whoever finds the lock taken has to wait or sleep.";
  if (longer(alone, two))
    return figure + ": here the second thread did help, though not because two held the lock at once.";
  return figure + ": the second thread brought nothing, because only one can hold the lock at a time.";
}

std::string ways_sentence(const Figures& figures) {
  const char* fastest = kWays[0];
  for (const char* const way : kWays)
    if (figures.seconds(way, 2) < figures.seconds(fastest, 2)) fastest = way;
  const double best = figures.seconds(fastest, 2), mutex = figures.seconds("mutex", 2);
  if (!longer(mutex, best))
    return fmt::format("With two threads no other way is clearly faster: the fastest is {}, {} an update.",
                       said_of(fastest), compare::duration_text(best));
  const double alone = figures.seconds(fastest, 1);
  return fmt::format(
      "With two threads {} is fastest, {} an update, and the mutex takes {} that; with one thread it took {}, so {}.",
      said_of(fastest), compare::duration_text(best), as_long_as(mutex, best), compare::duration_text(alone),
      longer(alone, best)   ? "it gets faster with threads"
      : longer(best, alone) ? "it too pays for being shared"
                            : "more threads do not make it faster either");
}

std::string interpreter_sentence(const Figures& figures) {
  const auto stretch = [&](const char* variant, const char* work) {
    return figures.seconds(variant, 2, work) / figures.seconds(variant, 1, work);
  };
  const double computing = stretch("global_lock", "work=computing"), waiting = stretch("global_lock", "work=waiting");
  const double freely = stretch("no_lock", "work=computing");
  const auto overlaps = [](double ratio) { return ratio < 1.5 ? "overlap" : "take turns"; };
  const std::string without =
      longer(computing, freely)
          ? fmt::format("without the lock computing takes {:.2f} times as long, so the lock {}", freely,
                        freely < 1.5 ? "is what keeps them apart" : "is a part of it and not all")
          : fmt::format("without the lock it is {:.2f} times, so the lock is not what decides it here{}", freely,
                        figures.cpus() == 1 ? " but the one core" : "");
  return fmt::format(
      "In an interpreter with one global lock two threads with a task each {} when they compute ({:.2f} times as "
      "long as one thread with one task) and {} when they wait ({:.2f} times); {}.",
      overlaps(computing), computing, overlaps(waiting), waiting, without);
}

Explanation explain(const Figures& figures) {
  Explanation out;
  Chart counters{.title = "Time of one update, all threads together (half as long with two: they scale):"};
  for (const char* const way : kWays)
    for (const int workers : figures.workers(way))
      if (figures.has(way, workers))
        counters.bars.push_back(
            time_bar(fmt::format("{}, {}", way, threads_text(workers)), figures.seconds(way, workers)));
  Chart interpreter{.title = "A task for each thread in a model interpreter (all bars of a kind equal: they overlap):"};
  for (const char* const work : {"computing", "waiting"})
    for (const char* const variant : {"global_lock", "no_lock"})
      for (const int workers : {1, 2}) {
        const std::string params = fmt::format("work={}", work);
        if (figures.has(variant, workers, params))
          interpreter.bars.push_back(time_bar(fmt::format("{}, {}, {}", work, variant, threads_text(workers)),
                                              figures.seconds(variant, workers, params)));
      }
  out.charts = {std::move(counters), std::move(interpreter)};
  out.answer = range_of(figures.seconds("mutex", 2) / figures.seconds("mutex", 1), {1 / kAlike, kAlike, 3});
  out.sentences = {mutex_sentence(figures), ways_sentence(figures), interpreter_sentence(figures)};
  return out;
}

}  // namespace

const Lab kLock = {
    .name = "lock",
    .summary = "One counter, more threads: mutex, stripes, atomic, one each; and a lock around an interpreter",
    .question =
        "A million updates of one counter under one mutex: one thread makes them all, then two threads make half of "
        "them each. How long do the two take?",
    .choices = {"less long than one", "about as long as one", "1.2 to 3 times as long", "more than 3 times as long"},
    .source = "lab/lock.cpp",
    .measure = measure,
    .explain = explain,
};

}  // namespace overtake::lab
