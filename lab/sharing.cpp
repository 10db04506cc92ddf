// SPDX-License-Identifier: Apache-2.0
// False sharing: threads that share no variable, but whose variables lie in one cache line. A core must own a line to
// write to it, so the line moves at every write of another core. Padding each counter to lines of its own ends it, at
// the cost of memory.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <memory>

#include "compare/text.h"
#include "lab/engine/crew.h"
#include "lab/engine/words.h"
#include "lab/lab.h"

namespace overtake::lab {
namespace {

using Counter = std::atomic<std::uint64_t>;

constexpr int kMostWorkers = 8;  // counters of 8 bytes in a line of 64

struct alignas(128) Packed {
  std::array<Counter, kMostWorkers> counters{};
  Counter& of(int worker) { return counters[static_cast<std::size_t>(worker)]; }
};

// Two lines each: CPUs fetch lines in pairs.
struct Padded {
  struct alignas(128) Own {
    Counter counter{};
  };
  std::array<Own, kMostWorkers> counters{};
  Counter& of(int worker) { return counters[static_cast<std::size_t>(worker)].counter; }
};

// A load, an addition and a store, as for a plain variable; the compiler may not join the steps of an atomic one.
void count_up(Counter& counter, std::int64_t times) {
  for (std::int64_t i = 0; i < times; ++i)
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

template <class Layout>
Timed run_layout(int workers, const Ask& ask) {
  const auto layout = std::make_unique<Layout>();
  const CrewTime time = time_crew(workers, [&](int worker) { count_up(layout->of(worker), ask.times); });
  Timed timed{.seconds = time.seconds, .cpu_seconds = time.cpu_seconds};
  for (int worker = 0; worker < workers; ++worker)
    timed.error += std::abs(static_cast<double>(layout->of(worker).load()) - static_cast<double>(ask.times));
  return timed;
}

void measure(Session& session) {
  std::vector<Probe> probes;
  for (const int workers : session.worker_counts(1, kMostWorkers)) {
    probes.push_back({{"padded", workers}, "total", [=](const Ask& ask) { return run_layout<Padded>(workers, ask); }});
    probes.push_back({{"packed", workers}, "total", [=](const Ask& ask) { return run_layout<Packed>(workers, ask); }});
  }
  session.run(probes);
}

// Why the layouts differ with two threads, or why they do not.
std::string reason(const Figures& figures) {
  const double packed = figures.seconds("packed", 2), padded = figures.seconds("padded", 2);
  const double packed_alone = figures.seconds("packed", 1), padded_alone = figures.seconds("padded", 1);
  const std::string alone = fmt::format("one thread alone took {} on the shared line and {} on its own",
                                        compare::duration_text(packed_alone), compare::duration_text(padded_alone));
  if (longer(packed, padded)) {
    if (alike(packed_alone, padded_alone))
      return fmt::format(
          "The code is the same and the threads share no variable, and {}: so it is the neighbour that costs, whose "
          "every write takes the line away from this core.",
          alone);
    return fmt::format("But {}: a part of the difference is there without any neighbour.", alone);
  }
  if (longer(padded, packed))
    return fmt::format("That is the reverse of false sharing, while {}: look for what else ran on this machine.",
                       alone);
  if (figures.cpus() == 1)
    return fmt::format(
        "One core is allowed here, so only one thread runs at a time and the line stays where it is ({}): false "
        "sharing needs two cores.",
        alone);
  return fmt::format(
      "So the line hardly moved, though {} CPUs were allowed ({}): the two threads may have taken turns on one core "
      "or run on siblings that share its cache.",
      figures.cpus(), alone);
}

std::string advice(const Figures& figures) {
  const int most = figures.workers("padded").back();
  const double alone = figures.seconds("padded", 1), together = figures.seconds("padded", most);
  std::string out = fmt::format("With a line each, {} took {} an update, {} one thread by itself", threads_text(most),
                                compare::duration_text(together), as_long_as(together, alone));
  if (!longer(together, alone)) return out + ": padding made them independent of each other.";
  if (most > figures.cores())
    return out + fmt::format(": they had to share {}, which no padding mends.",
                             compare::count_text(static_cast<std::size_t>(figures.cores()), "core"));
  return out +
         ": padding alone did not make them independent, they share something else (a core, its clock, a busy "
         "machine).";
}

Explanation explain(const Figures& figures) {
  Explanation out;
  Chart chart{.title = "Time of one update, as each thread sees it (all bars equal: nobody is in anybody's way):"};
  for (const char* const layout : {"padded", "packed"})
    for (const int workers : figures.workers(layout))
      if (figures.has(layout, workers))
        chart.bars.push_back(
            time_bar(fmt::format("{}, {}", layout, threads_text(workers)), figures.seconds(layout, workers)));
  out.charts.push_back(std::move(chart));
  const double packed = figures.seconds("packed", 2), padded = figures.seconds("padded", 2);
  out.answer = range_of(packed / padded, {kAlike, 2, 5});
  out.sentences = {
      fmt::format("With two threads an update took {} where the counters lie in one cache line and {} where each has "
                  "lines of its own: {} with padding.",
                  compare::duration_text(packed), compare::duration_text(padded), as_long_as(packed, padded)),
      reason(figures), advice(figures)};
  return out;
}

}  // namespace

const Lab kSharing = {
    .name = "sharing",
    .summary = "Two threads, two counters, one cache line: false sharing against padding",
    .question =
        "Two threads count, each with a counter of its own. First the two counters lie side by side, in one cache "
        "line; then each has a line to itself. How many times as long does an update take side by side?",
    .choices = {"about as long", "1.2 to 2 times", "2 to 5 times", "more than 5 times"},
    .source = "lab/sharing.cpp",
    .measure = measure,
    .explain = explain,
};

}  // namespace overtake::lab
