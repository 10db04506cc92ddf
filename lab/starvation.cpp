// SPDX-License-Identifier: Apache-2.0
// Two threads that want one lock again and again. A lock that whoever is quickest gets favours the one that had it: its
// cache holds the lock's line. A ticket lock serves in the order of arrival (Mellor-Crummey and Scott, "Algorithms for
// scalable synchronization on shared-memory multiprocessors", 1991), and its price is that every turn changes hands.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <thread>

#include "compare/statistics.h"
#include "compare/text.h"
#include "lab/engine/crew.h"
#include "lab/engine/words.h"
#include "lab/lab.h"

namespace overtake::lab {
namespace {

constexpr int kMostWorkers = 8;

// Counts those who wait, so that a turn is known to be taken from somebody.
class Waiting {
 public:
  explicit Waiting(std::atomic<int>& count) : count_(count) { ++count_; }
  ~Waiting() { --count_; }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  // Spins for a while, then lets others have the core: the holder may need it.
  void once() {
    if (++spins_ % 100 == 0) std::this_thread::yield();
  }

 private:
  std::atomic<int>& count_;
  int spins_ = 0;
};

struct TestAndSet {
  std::atomic<bool> taken{false};
  void lock(std::atomic<int>& waiting) {
    if (!taken.exchange(true, std::memory_order_acquire)) return;
    Waiting wait(waiting);
    while (taken.load(std::memory_order_relaxed) || taken.exchange(true, std::memory_order_acquire)) wait.once();
  }
  void unlock() { taken.store(false, std::memory_order_release); }
};

struct Ticket {
  alignas(128) std::atomic<std::uint32_t> next{0};
  alignas(128) std::atomic<std::uint32_t> served{0};
  void lock(std::atomic<int>& waiting) {
    const std::uint32_t mine = next.fetch_add(1, std::memory_order_relaxed);
    if (served.load(std::memory_order_acquire) == mine) return;
    Waiting wait(waiting);
    while (served.load(std::memory_order_acquire) != mine) wait.once();
  }
  void unlock() { served.store(served.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
};

struct Mutex {
  std::mutex mutex;
  void lock(std::atomic<int>& waiting) {
    if (mutex.try_lock()) return;
    const Waiting wait(waiting);
    mutex.lock();
  }
  void unlock() { mutex.unlock(); }
};

template <class Lock>
struct Shared {
  Lock lock;
  alignas(128) std::atomic<int> waiting{0};
  std::atomic<int> present{0};
  std::atomic<bool> stop{false};
  // Under the lock:
  alignas(128) std::int64_t turns = 0;
  int last = -1;
  std::int64_t streak = 0, longest = 0;
};

template <class Lock>
std::int64_t take_turns(Shared<Lock>& shared, int worker) {
  std::int64_t mine = 0;
  ++shared.present;
  do {
    shared.lock.lock(shared.waiting);
    const bool again = shared.last == worker && shared.waiting.load(std::memory_order_relaxed) > 0;
    shared.streak = again ? shared.streak + 1 : 1;
    shared.longest = std::max(shared.longest, shared.streak);
    shared.last = worker;
    ++shared.turns;
    std::uint64_t work = 1;
    for (int i = 0; i < 20; ++i) keep(work);
    shared.lock.unlock();
    ++mine;
  } while (!shared.stop.load(std::memory_order_relaxed));
  return mine;
}

template <class Lock>
Timed run_turns(int workers, const Ask& ask) {
  Shared<Lock> shared;
  std::vector<std::int64_t> turns(static_cast<std::size_t>(workers));
  // From the moment on that all are there: a thread that comes late has not starved.
  const std::jthread timer([&](const std::stop_token& given_up) {
    while (shared.present < workers && !given_up.stop_requested())
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    std::this_thread::sleep_for(std::chrono::duration<double>(ask.seconds));
    shared.stop = true;
  });
  const CrewTime time =
      time_crew(workers, [&](int worker) { turns[static_cast<std::size_t>(worker)] = take_turns(shared, worker); });
  Timed timed{.seconds = time.seconds, .cpu_seconds = time.cpu_seconds};
  std::int64_t all = 0;
  for (const std::int64_t count : turns) all += count;
  timed.times = all;
  timed.error = std::abs(static_cast<double>(all - shared.turns));
  const auto total = static_cast<double>(all);
  timed.metrics.set("longest_streak", shared.longest);
  timed.metrics.set("least_share", static_cast<double>(std::ranges::min(turns)) / total);
  timed.metrics.set("largest_share", static_cast<double>(std::ranges::max(turns)) / total);
  return timed;
}

void measure(Session& session) {
  std::vector<Probe> probes;
  for (const int workers : session.worker_counts(1, kMostWorkers)) {
    if (workers == 1) continue;
    const auto probe = [&](const char* variant, Timed (*run)(int, const Ask&)) {
      return Probe{.what = {variant, workers},
                   .check = "total",
                   .run = [=](const Ask& ask) { return run(workers, ask); },
                   .repeats = false};
    };
    probes.push_back(probe("test_and_set", run_turns<TestAndSet>));
    probes.push_back(probe("ticket", run_turns<Ticket>));
    probes.push_back(probe("mutex", run_turns<Mutex>));
  }
  session.run(probes);
}

struct Fairness {
  double streak, least, largest;  // medians
};

// Shares of all turns, and turns in a row, up to which a lock is called so.
constexpr double kStarved = 0.25, kEven = 0.4, kInTurn = 2.5, kLong = 100;

Fairness fairness_of(const Figures& figures, const char* lock, int workers) {
  const auto median = [&](const char* key) {
    const auto values = figures.metric(lock, workers, key);
    if (values.empty()) throw MissingFigure(fmt::format("there is no {} of {} with {} workers", key, lock, workers));
    return compare::median(values);
  };
  return {median("longest_streak"), median("least_share"), median("largest_share")};
}

std::string times_in_a_row(double streak) {
  return streak < 1.5 ? "never twice in a row" : fmt::format("up to {} times in a row", grouped(streak));
}

std::string unfair_sentence(const Fairness& unfair) {
  const std::string figure = fmt::format(
      "Under the lock of whoever is quickest one thread went {} while the other waited, and of all turns the two had "
      "{} and {}",
      times_in_a_row(unfair.streak), compare::percent_text(unfair.largest), compare::percent_text(unfair.least));
  if (unfair.least < kStarved) return figure + ": one of them starved beside the other.";
  if (unfair.least < kEven) return figure + ": one of them got clearly less than its half.";
  if (unfair.streak > kLong) return figure + ": in the end an even share, but with long waits for it.";
  return figure + ": it was about fair here, which nothing in the lock guarantees.";
}

std::string fair_sentence(const Fairness& fair, const Fairness& unfair, const Fairness& mutex) {
  const std::string figure =
      fmt::format("By ticket a thread went {} and the turns were {} and {}", times_in_a_row(fair.streak),
                  compare::percent_text(fair.largest), compare::percent_text(fair.least));
  const bool in_turn = fair.streak <= kInTurn, better = fair.streak * 2 < unfair.streak;
  const bool unfair_mutex = mutex.streak > kLong;
  return figure + fmt::format(": {}; the system's mutex was {} (up to {} in a row).",
                              in_turn && better ? "whoever asked first was served first"
                              : in_turn         ? "served in turn, though the quickest was no worse here"
                              : better          ? "fairer, but not served in turn"
                                                : "no better here",
                              !unfair_mutex ? "about fair"
                              : in_turn     ? "not fair"
                                            : "not fair either",
                              grouped(mutex.streak));
}

std::string price_sentence(const Figures& figures) {
  const double fair = figures.seconds("ticket", 2), unfair = figures.seconds("test_and_set", 2);
  const std::string figure =
      fmt::format("A turn by ticket took {}, {} one of the quickest ({})", compare::duration_text(fair),
                  as_long_as(fair, unfair), compare::duration_text(unfair));
  const char* const why = figures.cpus() == 1 ? "on one core every change of hands is a change of threads"
                                              : "at every turn lock and data move to another core";
  if (longer(fair, unfair)) return figure + fmt::format(": fairness is paid for, because {}.", why);
  if (longer(unfair, fair)) return figure + ": here fairness was even the faster way.";
  return figure + ": here fairness cost nothing.";
}

Explanation explain(const Figures& figures) {
  Explanation out;
  Chart streaks{.title = "Longest time that one thread took the lock in a row while another waited, in turns:"};
  Chart shares{.title = "Share of all turns, the thread with the fewest and the one with the most:"};
  Chart times{.title = "Time of one turn:"};
  for (const char* const lock : {"test_and_set", "ticket", "mutex"})
    for (const int workers : figures.workers(lock)) {
      if (!figures.has(lock, workers)) continue;
      const Fairness fairness = fairness_of(figures, lock, workers);
      const std::string label = fmt::format("{}, {}", lock, threads_text(workers));
      streaks.bars.push_back({label, fairness.streak, grouped(fairness.streak)});
      shares.bars.push_back({label + ", fewest", fairness.least, compare::percent_text(fairness.least)});
      shares.bars.push_back({label + ", most", fairness.largest, compare::percent_text(fairness.largest)});
      times.bars.push_back(time_bar(label, figures.seconds(lock, workers)));
    }
  out.charts = {std::move(streaks), std::move(shares), std::move(times)};
  const Fairness unfair = fairness_of(figures, "test_and_set", 2), fair = fairness_of(figures, "ticket", 2);
  out.answer = range_of(unfair.streak, {kInTurn, kLong, 10'000});
  out.sentences = {unfair_sentence(unfair), fair_sentence(fair, unfair, fairness_of(figures, "mutex", 2)),
                   price_sentence(figures)};
  return out;
}

}  // namespace

const Lab kStarvation = {
    .name = "starvation",
    .summary = "Who gets the lock next: whoever is quickest, or whoever came first",
    .question =
        "Two threads take one spinning lock again and again; whoever is quickest gets it. How many times in a row does "
        "one thread get it while the other waits, at most?",
    .choices = {"once or twice", "up to 100 times", "up to 10,000 times", "more than 10,000 times"},
    .source = "lab/starvation.cpp",
    .measure = measure,
    .explain = explain,
};

}  // namespace overtake::lab
