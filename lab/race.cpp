// SPDX-License-Identifier: Apache-2.0
// A lost update: two threads load a counter, both add 1 to what they saw, both store, and one addition is gone. Here
// load and store are atomic by themselves, so that the program stays defined and only the update is lost; with a plain
// variable the same is a data race, undefined in C++, and what ThreadSanitizer reports.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "compare/statistics.h"
#include "compare/text.h"
#include "lab/engine/crew.h"
#include "lab/engine/words.h"
#include "lab/lab.h"

namespace overtake::lab {
namespace {

constexpr std::int64_t kUpdates = 1'000'000;  // of each thread

struct Counter {
  std::atomic<std::int64_t> count{0};
  std::mutex mutex;
};

// Another thread's store between the load and this store is overwritten.
void load_and_store(Counter& counter) {
  const std::int64_t seen = counter.count.load(std::memory_order_relaxed);
  counter.count.store(seen + 1, std::memory_order_relaxed);
}

void add_atomically(Counter& counter) { counter.count.fetch_add(1, std::memory_order_relaxed); }

void add_under_mutex(Counter& counter) {
  const std::lock_guard lock(counter.mutex);
  load_and_store(counter);
}

template <void (*update)(Counter&)>
Timed run_updates(int workers) {
  Counter counter;
  const CrewTime time = time_crew(workers, [&](int) {
    for (std::int64_t i = 0; i < kUpdates; ++i) update(counter);
  });
  const std::int64_t lost = workers * kUpdates - counter.count.load();
  Timed timed{.seconds = time.seconds, .cpu_seconds = time.cpu_seconds, .error = static_cast<double>(lost)};
  timed.metrics.set("lost_updates", lost);
  return timed;
}

void measure(Session& session) {
  const KeyValues shape = {{"updates_each", std::to_string(kUpdates)}};
  const auto probe = [&](const char* variant, int workers, Timed (*run)(int), bool may_fail) {
    return Probe{.what = {variant, workers, {}, Strategy::threads, Scope::kernel, shape},
                 .check = "total",
                 .run = [=](const Ask&) { return run(workers); },
                 .repeats = false,
                 .may_fail = may_fail};
  };
  std::vector<Probe> probes;
  for (const int workers : {1, 2}) {
    probes.push_back(probe("unprotected", workers, run_updates<load_and_store>, workers > 1));
    probes.push_back(probe("atomic", workers, run_updates<add_atomically>, false));
    probes.push_back(probe("mutex", workers, run_updates<add_under_mutex>, false));
  }
  session.run(probes);
}

struct Losses {
  double least = 0, median = 0, most = 0;  // shares of all updates
  std::size_t runs = 0, with_loss = 0;
};

Losses losses_of(const Figures& figures) {
  const auto lost = figures.metric("unprotected", 2, "lost_updates");
  if (lost.empty()) throw MissingFigure("there is no run of unprotected with 2 workers");
  constexpr double kAll = 2.0 * kUpdates;
  const auto [least, most] = std::ranges::minmax(lost);
  return {least / kAll, compare::median(lost) / kAll, most / kAll, lost.size(),
          static_cast<std::size_t>(std::ranges::count_if(lost, [](double count) { return count > 0; }))};
}

std::string loss_sentence(const Figures& figures, const Losses& losses) {
  if (losses.with_loss == 0)
    return fmt::format("In none of {} runs was an update lost: {}.", losses.runs,
                       figures.cpus() == 1
                           ? "on one core a thread must be stopped just between load and store, and that did not happen"
                           : "no thread stored between another's load and store, which luck allows and nothing "
                             "guarantees");
  if (losses.least == losses.most && losses.runs > 1)
    return fmt::format(
        "Each of {} runs lost {} of the 2,000,000 updates: a thread stored between another's load and store, and was "
        "overwritten.",
        losses.runs, compare::percent_text(losses.median));
  if (losses.median == 0)
    return fmt::format(
        "{} of {} runs lost updates, at most {} of the 2,000,000, and the others none: it takes a store of one thread "
        "between load and store of the other.",
        losses.with_loss, losses.runs, compare::percent_text(losses.most));
  return fmt::format(
      "{} of {} runs lost updates, in the middle {} of the 2,000,000 and at most {}: a thread stored between another's "
      "load and store, and was overwritten.",
      losses.with_loss, losses.runs, compare::percent_text(losses.median), compare::percent_text(losses.most));
}

std::string fix_sentence(const Figures& figures) {
  const double alone = figures.seconds("unprotected", 1);
  double lost = 0;
  for (const char* const fix : {"atomic", "mutex"})
    for (const double count : figures.metric(fix, 2, "lost_updates")) lost += count;
  if (lost > 0) return fmt::format("The fixes lost {} updates as well, which must not be: report this.", grouped(lost));
  const double atomic = figures.seconds("atomic", 2), mutex = figures.seconds("mutex", 2);
  return fmt::format(
      "With atomic additions none was lost, and two threads took {} for them, {} one unprotected thread for its "
      "million ({}); with a mutex none was lost either, in {}, {} that.",
      compare::duration_text(atomic), as_long_as(atomic, alone), compare::duration_text(alone),
      compare::duration_text(mutex), as_long_as(mutex, alone));
}

std::string tool_sentence(const Losses& losses) {
  const std::string tool =
      "on a plain variable ThreadSanitizer (-fsanitize=thread) names both lines and threads, lost update or not";
  if (losses.with_loss == losses.runs)
    return fmt::format("A test that looks at the total fails here every time ({} of {} runs), and says not where; {}.",
                       losses.with_loss, losses.runs, tool);
  return fmt::format("A test that looks at the total would have passed in {} of {} runs; {}.",
                     losses.runs - losses.with_loss, losses.runs, tool);
}

Explanation explain(const Figures& figures) {
  const Losses losses = losses_of(figures);
  Explanation out;
  Chart lost{.title = "Updates lost by two threads without protection, run by run:"};
  std::size_t run = 0;
  for (const double count : figures.metric("unprotected", 2, "lost_updates"))
    lost.bars.push_back({fmt::format("run {}", ++run), count, grouped(count)});
  Chart times{.title = "Time of a million updates by each thread, where the total was right:"};
  for (const char* const variant : {"unprotected", "atomic", "mutex"})
    for (const int workers : {1, 2})
      if (figures.has(variant, workers) &&
          (workers == 1 || losses.with_loss == 0 || std::string(variant) != "unprotected"))
        times.bars.push_back(
            time_bar(fmt::format("{}, {}", variant, threads_text(workers)), figures.seconds(variant, workers)));
  out.charts = {std::move(lost), std::move(times)};
  out.answer = losses.median == 0 ? 0 : 1 + range_of(losses.median, {0.01, 0.25});
  out.sentences = {loss_sentence(figures, losses), fix_sentence(figures), tool_sentence(losses)};
  return out;
}

}  // namespace

const Lab kRace = {
    .name = "race",
    .summary = "A lost update, counted, and the same under two fixes",
    .question =
        "Two threads add 1 to the same counter, a million times each: load, add, store, nothing else. How many of the "
        "2,000,000 are missing at the end?",
    .choices = {"none", "some, under 1 %", "1 to 25 %", "more than 25 %"},
    .source = "lab/race.cpp",
    .measure = measure,
    .explain = explain,
};

}  // namespace overtake::lab
