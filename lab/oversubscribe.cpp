// SPDX-License-Identifier: Apache-2.0
// From one worker to eight times as many as there are cores, on tasks that compute and on tasks that wait. 'Never more
// workers than cores' is right where a worker keeps its core busy; one that waits leaves its core to the next.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <thread>

#include "compare/text.h"
#include "lab/engine/crew.h"
#include "lab/engine/words.h"
#include "lab/lab.h"

namespace overtake::lab {
namespace {

constexpr int kTasks = 256;
constexpr int kSteps = 50'000;  // of a task that computes: a tenth of a millisecond or so

// A chain in which each step needs the one before (Marsaglia, "Xorshift RNGs", 2003).
std::uint64_t compute(int task) {
  std::uint64_t x = static_cast<std::uint64_t>(task) + 1;
  for (int step = 0; step < kSteps; ++step) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    keep(x);
  }
  return x;
}

std::uint64_t wait(int task) {
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return static_cast<std::uint64_t>(task);
}

// All tasks, each taken by whoever is free; the sum of their answers shows that each was done once.
Timed run_tasks(std::uint64_t (*work)(int), std::uint64_t expected, int workers) {
  std::atomic<int> next{0};
  std::atomic<std::uint64_t> sum{0};
  const CrewTime time = time_crew(
      workers,
      [&](int) {
        std::uint64_t mine = 0;
        for (int task = next.fetch_add(1); task < kTasks; task = next.fetch_add(1)) mine += work(task);
        sum += mine;
      },
      Placement::anywhere);
  return {.seconds = time.seconds, .cpu_seconds = time.cpu_seconds, .error = sum.load() == expected ? 0.0 : 1.0};
}

void measure(Session& session) {
  std::uint64_t computed = 0, waited = 0;
  for (int task = 0; task < kTasks; ++task) {
    computed += compute(task);
    waited += static_cast<std::uint64_t>(task);
  }
  std::vector<int> counts;
  if (session.cores() > 1) counts.push_back(1);
  // More workers than tasks would have nothing to do.
  for (const int factor : {1, 2, 4, 8})
    if (factor * session.cores() <= kTasks) counts.push_back(factor * session.cores());
  std::vector<Probe> probes;
  const KeyValues shape = {{"tasks", std::to_string(kTasks)}};
  for (const bool waits : {false, true})
    for (const int workers : counts)
      probes.push_back({.what = {waits ? "waiting" : "computing", workers, {}, Strategy::threads, Scope::kernel, shape},
                        .check = "sum",
                        .run =
                            [=](const Ask&) {
                              return waits ? run_tasks(wait, waited, workers) : run_tasks(compute, computed, workers);
                            },
                        .repeats = false});
  session.run(probes);
}

double shortest_time(const Figures& figures, const char* variant) {
  double shortest = INFINITY;
  for (const int workers : figures.workers(variant)) shortest = std::min(shortest, figures.seconds(variant, workers));
  return shortest;
}

// The fewest workers of those that are as fast as any, within noise.
int best_workers(const Figures& figures, const char* variant) {
  const double shortest = shortest_time(figures, variant);
  for (const int workers : figures.workers(variant))
    if (!longer(figures.seconds(variant, workers), shortest)) return workers;
  throw MissingFigure(fmt::format("there is no time of {}", variant));
}

// "2 workers, one for each core" and the like.
std::string workers_in_cores(int workers, int cores) {
  const std::string count = compare::count_text(static_cast<std::size_t>(workers), "worker");
  if (workers == cores) return count + ", as many as cores,";
  if (workers < cores) return count + ", fewer than cores,";
  return fmt::format("{}, {} for each core,", count, workers / cores);
}

std::string kind_sentence(const Figures& figures, const char* variant, const char* what) {
  const int cores = figures.cores(), best = best_workers(figures, variant);
  const int most = figures.workers(variant).back();
  const double at_cores = figures.seconds(variant, cores), shortest = shortest_time(figures, variant);
  const double at_most = figures.seconds(variant, most);
  std::string out =
      fmt::format("{}: {} {} within a fifth of the shortest time ({})", what, workers_in_cores(best, cores),
                  best == 1 ? "is" : "are", compare::duration_text(shortest));
  if (best > cores)
    return out + fmt::format("; as many as cores take {} that, so 'never more workers than cores' is wrong here.",
                             as_long_as(at_cores, shortest));
  return out + fmt::format("; {} workers take {} that, so more than one worker a core {}.", most,
                           as_long_as(at_most, shortest),
                           longer(at_most, shortest) ? "costs time here" : "brings nothing here");
}

std::string both_sentence(const Figures& figures) {
  const int cores = figures.cores(), most = figures.workers("waiting").back();
  const auto gain = [&](const char* variant) {
    return figures.seconds(variant, cores) / figures.seconds(variant, most);
  };
  const double computing = gain("computing"), waiting = gain("waiting");
  const std::string figure =
      fmt::format("From {} to {} workers waiting became {:.2f} times as fast and computing {:.2f} times", cores, most,
                  waiting, computing);
  if (longer(waiting, computing))
    return figure + ": a worker that waits leaves its core to others, one that computes needs it.";
  if (longer(computing, waiting)) return figure + ": the reverse of what a core that is left free would explain.";
  return figure + ": the two kinds of work gain alike, so cores are not what they lack.";
}

Explanation explain(const Figures& figures) {
  Explanation out;
  for (const char* const variant : {"computing", "waiting"}) {
    Chart chart{.title = fmt::format("{} tasks that {}, by workers ({} here):", kTasks,
                                     std::string(variant) == "computing" ? "compute" : "wait 1 ms each",
                                     compare::count_text(static_cast<std::size_t>(figures.cores()), "core"))};
    for (const int workers : figures.workers(variant))
      if (figures.has(variant, workers))
        chart.bars.push_back(time_bar(compare::count_text(static_cast<std::size_t>(workers), "worker"),
                                      figures.seconds(variant, workers)));
    out.charts.push_back(std::move(chart));
  }
  const bool computing_wants_more = best_workers(figures, "computing") > figures.cores();
  const bool waiting_wants_more = best_workers(figures, "waiting") > figures.cores();
  out.answer = computing_wants_more ? (waiting_wants_more ? 2 : 3) : (waiting_wants_more ? 1 : 0);
  out.sentences = {kind_sentence(figures, "computing", "Computing"), kind_sentence(figures, "waiting", "Waiting"),
                   both_sentence(figures)};
  return out;
}

}  // namespace

const Lab kOversubscribe = {
    .name = "oversubscribe",
    .summary = "One to eight workers for each core, on computing and on waiting",
    .question =
        "256 tasks, and as many workers as you like. Do more workers than cores make it faster: where the tasks "
        "compute, where they wait, in both or in neither?",
    .choices = {"in neither", "only where they wait", "in both", "only where they compute"},
    .source = "lab/oversubscribe.cpp",
    .measure = measure,
    .explain = explain,
};

}  // namespace overtake::lab
