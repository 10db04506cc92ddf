// SPDX-License-Identifier: Apache-2.0
// A hundred requests that wait and a hundred computations of the same length, each one after the other, by threads, by
// processes and in one loop: the classic table in miniature. One loop, parallel_map, runs all eight; a word picks how.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "compare/text.h"
#include "core/parallel/map.h"
#include "core/pool/pool.h"
#include "lab/engine/crew.h"
#include "lab/engine/words.h"
#include "lab/lab.h"

namespace overtake::lab {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kItems = 100;
constexpr int kWaitingThreads = 25;
// 598 ms is a request to a far server; all of them one after the other would take a minute, so they are scaled: as the
// user says, or to the time that there is.
constexpr double kFullLength = 0.598, kShortestLength = 1e-5;  // seconds
// On two cores a round takes 4.55 times as long as one after the other: waiting 1 + 1/25 + 1/2 + 1/100, computing
// 1 + 1/2 + 1/2 + 1. Two rounds, one of them to warm up, and the answers that they are checked by: 54 s.
constexpr double kLargestScale = 0.09;

struct Request {
  double seconds;      // to wait
  std::int64_t steps;  // to compute
  std::uint64_t seed;
};

// A chain in which each step needs the one before (Marsaglia, "Xorshift RNGs", 2003).
std::uint64_t computed(const Request& request) {
  std::uint64_t x = request.seed + 1;
  for (std::int64_t step = 0; step < request.steps; ++step) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    keep(x);
  }
  return x;
}

Waiting<std::uint64_t> answered(const Request& request) {
  if (request.seconds > 0) co_await seconds_pass(request.seconds);
  co_return computed(request);
}
const auto kAnswered = register_map<answered>("lab_waiting_answered");

// The right answers, computed once for all samples: they take as long as one.
class Answers {
 public:
  std::uint64_t of(const Request& request) {
    const auto [known, is_new] = known_.try_emplace({request.steps, request.seed});
    if (is_new) known->second = computed(request);
    return known->second;
  }

 private:
  std::map<std::pair<std::int64_t, std::uint64_t>, std::uint64_t> known_;
};

double steps_a_second() {
  constexpr std::int64_t kSteps = 1'000'000;
  double best = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const auto begin = Clock::now();
    const std::uint64_t answer = computed({0, kSteps, static_cast<std::uint64_t>(attempt)});
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (answer != 0) best = std::max(best, static_cast<double>(kSteps) / seconds);
  }
  return best;
}

struct Way {
  const char* variant;
  MapStrategy map;
  Strategy strategy;
};
constexpr std::array kWays = {
    Way{"sequential", MapStrategy::serial, Strategy::serial},
    Way{"threads", MapStrategy::threads, Strategy::threads},
    Way{"processes", MapStrategy::processes, Strategy::processes},
    Way{"async", MapStrategy::async, Strategy::async},
};
constexpr std::array kKinds = {"work=waiting", "work=computing"};

// As many as each way's users take: a worker a core, more threads where they wait, and all at once in a loop.
int workers_of(const Way& way, bool waits, int cores) {
  if (way.map == MapStrategy::serial) return 1;
  if (way.map == MapStrategy::async) return kItems;
  return way.map == MapStrategy::threads && waits ? kWaitingThreads : cores;
}

void measure(Session& session) {
  const double rate = steps_a_second();
  const std::optional<double> scale = session.scale();
  const auto pool = std::make_shared<Pool>(session.cores());
  const auto answers = std::make_shared<Answers>();
  std::vector<Probe> probes;
  for (const bool waits : {true, false})
    for (const Way& way : kWays) {
      const int workers = workers_of(way, waits, session.cores());
      const auto run = [=](const Ask& ask) {
        const double length =
            scale ? *scale * kFullLength : std::clamp(ask.seconds / kItems, kShortestLength, kFullLength);
        std::vector<Request> requests;
        for (int i = 0; i < kItems; ++i)
          requests.push_back({waits ? length : 0, waits ? 1 : static_cast<std::int64_t>(length * rate),
                              static_cast<std::uint64_t>(i)});
        const auto begin = Clock::now();
        const auto result =
            parallel_map(way.map, requests, kAnswered, {.workers = workers, .chunk = 1, .pool = pool.get()});
        Timed timed{.seconds = std::chrono::duration<double>(Clock::now() - begin).count()};
        for (const auto& [index, value] : result.items) timed.error += value == answers->of(requests[index]) ? 0 : 1;
        timed.error += static_cast<double>(requests.size() - result.items.size());
        timed.metrics.set("request_seconds", length);
        return timed;
      };
      probes.push_back({.what = {.variant = way.variant,
                                 .workers = workers,
                                 .params = KeyValues::parse(waits ? kKinds[0] : kKinds[1]),
                                 .strategy = way.strategy,
                                 .shape = {{"requests", std::to_string(kItems)}}},
                        .check = "answers",
                        .run = run,
                        .repeats = false});
    }
  session.run(probes);
}

struct Taken {
  const char* variant;
  int workers;
  double seconds;
};

// What each way took on one kind of work, as kWays has them.
std::vector<Taken> taken(const Figures& figures, const char* kind) {
  std::vector<Taken> out;
  for (const Way& way : kWays) {
    const auto workers = figures.workers(way.variant, kind);
    if (workers.empty()) throw MissingFigure(fmt::format("there is no time of {}, {}", way.variant, kind));
    out.push_back({way.variant, workers.front(), figures.seconds(way.variant, workers.front(), kind)});
  }
  return out;
}

const Taken& fastest(const std::vector<Taken>& all) { return *std::ranges::min_element(all, {}, &Taken::seconds); }

// Those that are faster than one after the other by more than noise, with how many times.
std::string gains_text(const std::vector<Taken>& all) {
  std::vector<std::string> words;
  for (const Taken& way : all)
    if (longer(all[0].seconds, way.seconds))
      words.push_back(
          fmt::format("{} {} times as fast", way.variant, compare::ratio_text(all[0].seconds / way.seconds)));
  return words.empty() ? "no other way was faster" : compare::list_text(words);
}

std::string waiting_sentence(const std::vector<Taken>& all, double length) {
  const Taken& best = fastest(all);
  std::string out =
      fmt::format("{} requests that wait {} each took {} one after the other; {}", kItems,
                  compare::duration_text(length), compare::duration_text(all[0].seconds), gains_text(all));
  if (!longer(all[0].seconds, best.seconds)) return out + ": these waits did not overlap.";
  return out + ": waits overlap, and no core is needed for one.";
}

std::string computing_sentence(const std::vector<Taken>& all, int cores) {
  const Taken& best = fastest(all);
  std::string out = fmt::format("Computing for as long took {} one after the other; {}",
                                compare::duration_text(all[0].seconds), gains_text(all));
  const std::string here = compare::count_text(static_cast<std::size_t>(cores), "core");
  if (!longer(all[0].seconds, best.seconds))
    return out + fmt::format(": with {} nothing was won by sharing it out.", here);
  if (longer(all[0].seconds, best.seconds * cores))
    return out + fmt::format(": more than {} can give, so look for what else ran here.", here);
  return out + fmt::format(": computing needs a core for each, and there are {} here.", here);
}

std::string loop_sentence(const std::vector<Taken>& waiting, const std::vector<Taken>& computing) {
  const Taken &loop = waiting[3], &same_loop = computing[3];
  const bool wins = longer(waiting[0].seconds, loop.seconds),
             wins_too = longer(computing[0].seconds, same_loop.seconds);
  const std::string out = fmt::format(
      "The loop, one thread with up to {} requests in flight, took {} one after the "
      "other where they wait and {} it where they compute",
      loop.workers, as_long_as(loop.seconds, waiting[0].seconds), as_long_as(same_loop.seconds, computing[0].seconds));
  if (wins && !wins_too) return out + ": a loop saves waiting and no computing.";
  if (wins) return out + ": it won on both, which one thread cannot explain, so look for what else ran here.";
  if (wins_too) return out + ": the reverse of what a loop is for, so look for what else ran here.";
  return out + ": here a loop won nothing.";
}

Explanation explain(const Figures& figures) {
  Explanation out;
  const auto waiting = taken(figures, kKinds[0]), computing = taken(figures, kKinds[1]);
  const auto lengths = figures.metric("sequential", waiting[0].workers, "request_seconds", kKinds[0]);
  if (lengths.empty()) throw MissingFigure("how long a request waits is not there");
  for (const auto* const all : {&waiting, &computing}) {
    // The length is part of the title, so that bars of other lengths are never drawn beside these.
    Chart chart{.title = fmt::format("{} items that {} {} each:", kItems, all == &waiting ? "wait" : "compute for",
                                     compare::duration_text(lengths.front()))};
    for (const Taken& way : *all) {
      const bool loop = std::string_view(way.variant) == kWays[3].variant;
      chart.bars.push_back(
          time_bar(loop ? fmt::format("{}, {} in flight", way.variant, way.workers)
                        : fmt::format("{}, {}", way.variant,
                                      compare::count_text(static_cast<std::size_t>(way.workers), "worker")),
                   way.seconds));
    }
    out.charts.push_back(std::move(chart));
  }
  const bool waiting_wins = longer(waiting[0].seconds, waiting[3].seconds);
  const bool computing_wins = longer(computing[0].seconds, computing[3].seconds);
  out.answer = waiting_wins ? (computing_wins ? 2 : 1) : (computing_wins ? 3 : 0);
  out.sentences = {waiting_sentence(waiting, lengths.front()), computing_sentence(computing, figures.cores()),
                   loop_sentence(waiting, computing)};
  return out;
}

}  // namespace

const Lab kWaiting = {
    .name = "waiting",
    .summary = "A hundred requests and a hundred computations: sequential, threads, processes, async",
    .question =
        "A hundred requests wait for a far server, and a hundred computations take as long each. One thread can hold "
        "all of them in flight in one loop (async). Where is that faster than one after the other?",
    .choices = {"nowhere", "only where they wait", "in both", "only where they compute"},
    .source = "lab/waiting.cpp",
    .largest_scale = kLargestScale,
    .measure = measure,
    .explain = explain,
};

}  // namespace overtake::lab
