// SPDX-License-Identifier: Apache-2.0
// Two locks, taken by two threads in two orders: each may hold one and wait for the other, for ever. A wait with a
// timeout notices; who holds and wants what tells a deadlock from mere slowness. One order for all prevents it, and
// so does taking both at once.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <mutex>

#include "compare/statistics.h"
#include "compare/text.h"
#include "lab/engine/crew.h"
#include "lab/engine/words.h"
#include "lab/lab.h"

namespace overtake::lab {
namespace {

constexpr std::int64_t kTransfers = 50'000;  // of each thread
constexpr std::int64_t kMoney = 1'000'000;
constexpr auto kTimeout = std::chrono::milliseconds(50);
constexpr int kNone = -1;

struct Bank {
  std::array<std::timed_mutex, 2> locks;
  std::array<std::int64_t, 2> money = {kMoney, kMoney};
  // Of each thread, for the one that waits in vain.
  std::array<std::atomic<int>, 2> holds = {kNone, kNone}, wants = {kNone, kNone};
  std::atomic<bool> deadlock{false};
  std::atomic<std::int64_t> transfers{0};
  std::atomic<std::int64_t> transfers_at_deadlock{0};
};

void move_money(Bank& bank, int from, int to) {
  --bank.money[static_cast<std::size_t>(from)];
  ++bank.money[static_cast<std::size_t>(to)];
  bank.transfers.fetch_add(1, std::memory_order_relaxed);
}

// Thread 0 takes from account 0 and thread 1 from account 1; each locks the account that it takes from first.
void in_two_orders(Bank& bank, int thread) {
  const int from = thread, to = 1 - thread;
  const auto mine = static_cast<std::size_t>(thread), other = static_cast<std::size_t>(1 - thread);
  const std::lock_guard first(bank.locks[static_cast<std::size_t>(from)]);
  bank.holds[mine] = from;
  bank.wants[mine] = to;
  std::unique_lock second(bank.locks[static_cast<std::size_t>(to)], std::defer_lock);
  while (!second.try_lock_for(kTimeout)) {
    if (bank.deadlock) break;
    // The other cannot go on while it wants what this thread holds; that it is only slow shows as anything else.
    if (bank.holds[other] == to && bank.wants[other] == from) {
      bank.transfers_at_deadlock = bank.transfers.load();
      bank.deadlock = true;
      break;
    }
  }
  bank.wants[mine] = kNone;
  if (second.owns_lock()) move_money(bank, from, to);
  bank.holds[mine] = kNone;
}

// Both lock account 0 first, whichever way the money goes.
void in_one_order(Bank& bank, int thread) {
  const std::lock_guard first(bank.locks[0]);
  const std::lock_guard second(bank.locks[1]);
  move_money(bank, thread, 1 - thread);
}

// std::scoped_lock holds one, tries the other, and gives up the first where that fails.
void both_at_once(Bank& bank, int thread) {
  const std::scoped_lock both(bank.locks[static_cast<std::size_t>(thread)],
                              bank.locks[static_cast<std::size_t>(1 - thread)]);
  move_money(bank, thread, 1 - thread);
}

template <void (*transfer)(Bank&, int)>
Timed run_transfers() {
  Bank bank;
  const CrewTime time = time_crew(2, [&](int thread) {
    for (std::int64_t i = 0; i < kTransfers && !bank.deadlock; ++i) transfer(bank, thread);
  });
  Timed timed{.seconds = time.seconds, .cpu_seconds = time.cpu_seconds};
  timed.error = std::abs(static_cast<double>(bank.money[0] + bank.money[1] - 2 * kMoney));
  if (bank.deadlock) {
    const std::int64_t until = bank.transfers_at_deadlock;
    timed.metrics.set("transfers_until_deadlock", until);
    timed.failure =
        fmt::format("deadlock after {} transfers: each thread held the lock that the other waited for", until);
  } else if (bank.transfers != 2 * kTransfers) {
    timed.error += 1;
  }
  return timed;
}

void measure(Session& session) {
  const KeyValues shape = {{"transfers_each", std::to_string(kTransfers)}};
  const auto probe = [&](const char* variant, Timed (*run)(), bool may_fail) {
    return Probe{.what = {variant, 2, {}, Strategy::threads, Scope::kernel, shape},
                 .check = "money kept",
                 .run = [=](const Ask&) { return run(); },
                 .repeats = false,
                 .may_fail = may_fail};
  };
  session.run({probe("one_order", run_transfers<in_one_order>, false),
               probe("both_at_once", run_transfers<both_at_once>, false),
               probe("two_orders", run_transfers<in_two_orders>, true)});
}

std::string what_happened(const std::vector<double>& until, std::size_t runs) {
  if (until.empty())
    return fmt::format(
        "In none of {} runs did the two orders end in a deadlock: no thread took its first lock between the other's "
        "first and second, which luck allows and nothing guarantees.",
        runs);
  const auto [least, most] = std::ranges::minmax(until);
  return fmt::format(
      "{} of {} runs with two orders stood still after {} to {} of {} transfers: one thread held lock A and "
      "waited for B, the other held B and waited for A, and only the timeout of {} ms ended it.",
      until.size(), runs, grouped(least), grouped(most), grouped(2 * kTransfers), kTimeout.count());
}

std::string fix_sentence(const Figures& figures) {
  const auto stuck =
      figures.count("one_order", 2, RowStatus::failed) + figures.count("both_at_once", 2, RowStatus::failed);
  const auto done = figures.count("one_order", 2, RowStatus::ok) + figures.count("both_at_once", 2, RowStatus::ok);
  if (stuck > 0) return fmt::format("The fixes stood still in {} runs as well, which must not be: report this.", stuck);
  const double ordered = figures.seconds("one_order", 2), both = figures.seconds("both_at_once", 2);
  return fmt::format(
      "With one order for both threads, or both locks taken at once, none of {} runs stood still: all transfers took "
      "{} in one order and {} at once, {} in one order.",
      done, compare::duration_text(ordered), compare::duration_text(both), as_long_as(both, ordered));
}

std::string test_sentence(const std::vector<double>& until, std::size_t runs) {
  if (until.empty())
    return fmt::format("So {} good runs prove nothing: the order of locks has to be right by rule, not by test.", runs);
  const double half = compare::median(until), most = std::ranges::max(until);
  const auto passes = [&](double transfers) { return transfers > half; };
  const std::size_t passing = runs - until.size() + static_cast<std::size_t>(std::ranges::count_if(until, passes));
  if (passing == 0)
    return fmt::format(
        "No run came past {} transfers, but a test of fewer passes and proves nothing: the order of locks has to be "
        "right by rule.",
        grouped(most));
  return fmt::format(
      "A test of {} transfers would have passed in {} of {} runs{} and proves nothing: the order of locks has to be "
      "right by "
      "rule.",
      grouped(half), passing, runs, most > half ? fmt::format(" (one deadlock took {})", grouped(most)) : "");
}

Explanation explain(const Figures& figures) {
  const auto until = figures.metric("two_orders", 2, "transfers_until_deadlock");
  const std::size_t runs = until.size() + figures.count("two_orders", 2, RowStatus::ok);
  if (runs == 0) throw MissingFigure("there is no run of two_orders");
  Explanation out;
  Chart stuck{.title =
                  fmt::format("Transfers until both threads stood still, of {}, run by run:", grouped(2 * kTransfers))};
  for (std::size_t run = 0; run < until.size(); ++run)
    stuck.bars.push_back({fmt::format("run {}", run + 1), until[run], grouped(until[run])});
  if (until.empty()) stuck.bars.push_back({"no run did", 0, ""});
  Chart times{.title = "Time of all transfers, of runs that came to their end:"};
  for (const char* const variant : {"one_order", "both_at_once", "two_orders"})
    if (figures.has(variant, 2)) times.bars.push_back(time_bar(variant, figures.seconds(variant, 2)));
  out.charts = {std::move(stuck), std::move(times)};
  // More good runs than bad ones: never.
  out.answer = 2 * until.size() <= runs ? 3 : range_of(compare::median(until), {100, 10'000});
  out.sentences = {what_happened(until, runs), fix_sentence(figures), test_sentence(until, runs)};
  return out;
}

}  // namespace

const Lab kDeadlock = {
    .name = "deadlock",
    .summary = "Two locks in two orders, caught by a timeout",
    .question =
        "Two threads move money between two accounts, 50,000 times each. Each locks the account that it takes from, "
        "then the other: thread 1 locks A and B, thread 2 locks B and A. After how many transfers do they stand still?",
    .choices = {"fewer than 100", "100 to 10,000", "more than 10,000", "they do not"},
    .source = "lab/deadlock.cpp",
    .measure = measure,
    .explain = explain,
};

}  // namespace overtake::lab
