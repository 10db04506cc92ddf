// SPDX-License-Identifier: Apache-2.0
// What the loop with any backend costs an item: parallel_map with a function that does next to nothing, in batches and
// item by item; and what two processes cost that are started for it.
#include "core/parallel/map.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "compare/text.h"
#include "core/pool/pool.h"
#include "lab/engine/words.h"
#include "lab/lab.h"

namespace overtake::lab {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kItems = 100'000, kItemsAlone = 10'000;  // of a map; fewer where each is sent by itself
constexpr const char* kBatched = "chunk=auto";                 // as many at a time as parallel_map thinks right
constexpr const char* kAlone = "chunk=1";
constexpr const char* kFresh = "pool=fresh";

std::int64_t next(const std::int64_t& number) { return number + 1; }
Waiting<std::int64_t> next_at_once(const std::int64_t& number) { co_return number + 1; }
const auto kNext = register_map<next>("lab_map_next");
const auto kNextAtOnce = register_map<next_at_once>("lab_map_next_at_once");

struct Way {
  const char* variant;
  MapStrategy map;
  Strategy strategy;
  int workers;
  bool in_chunks;  // else an item is begun by itself in any case
};
constexpr std::array kWays = {
    Way{"serial", MapStrategy::serial, Strategy::serial, 1, false},
    Way{"threads", MapStrategy::threads, Strategy::threads, 2, true},
    Way{"openmp", MapStrategy::openmp, Strategy::threads, 2, true},
    Way{"async", MapStrategy::async, Strategy::async, 1000, false},
    Way{"processes", MapStrategy::processes, Strategy::processes, 2, true},
};

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// Maps so many times; the sample is of all their items, so that its seconds are those of one.
Timed mapped(const Way& way, bool alone, Pool& pool, std::int64_t times) {
  std::vector<std::int64_t> numbers(alone ? kItemsAlone : kItems);
  std::iota(numbers.begin(), numbers.end(), 1);
  const auto count = static_cast<std::int64_t>(numbers.size());
  const std::int64_t sum_of_next = count * (count + 3) / 2;
  const MapOptions options{.workers = way.workers, .chunk = alone ? 1U : 0U, .pool = &pool};
  Timed timed{.times = times * count};
  for (std::int64_t i = 0; i < times; ++i) {
    const auto begin = Clock::now();
    const auto result = way.map == MapStrategy::async ? parallel_map(way.map, numbers, kNextAtOnce, options)
                                                      : parallel_map(way.map, numbers, kNext, options);
    timed.seconds += seconds_since(begin);
    std::int64_t sum = 0;
    for (const auto& [index, value] : result.items) sum += value;
    timed.error += std::abs(static_cast<double>(sum - sum_of_next));
  }
  // OpenMP's threads spin for a while in case of another region, which is not the next probe's fault.
  if (way.map == MapStrategy::openmp) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return timed;
}

// From nothing until both of two new processes have answered; ending them is not timed.
Timed answered_by_new_processes(std::int64_t times) {
  const std::vector<std::int64_t> numbers = {1, 2};
  Timed timed;
  double until_gone = 0;
  for (std::int64_t i = 0; i < times; ++i) {
    const auto begin = Clock::now();
    const auto note = [&](std::size_t done, std::size_t total) {
      if (done == total) timed.seconds += seconds_since(begin);
    };
    auto result = parallel_map(MapStrategy::processes, numbers, kNext, {.workers = 2, .chunk = 1, .progress = note});
    until_gone += seconds_since(begin);
    timed.error += std::move(result).values() == std::vector<std::int64_t>{2, 3} ? 0 : 1;
  }
  timed.metrics.set("until_gone_seconds", until_gone / static_cast<double>(times));
  return timed;
}

void measure(Session& session) {
  const auto pool = std::make_shared<Pool>(2);
  std::vector<Probe> probes;
  for (const bool alone : {false, true})
    for (const Way& way : kWays)
      if (way.in_chunks || !alone)
        probes.push_back({{way.variant, way.workers, KeyValues::parse(alone ? kAlone : kBatched), way.strategy},
                          "sum",
                          [=](const Ask& ask) { return mapped(way, alone, *pool, ask.times); }});
  probes.push_back({{"processes", 2, KeyValues::parse(kFresh), Strategy::processes, Scope::cold_start},
                    "results",
                    [](const Ask& ask) { return answered_by_new_processes(ask.times); }});
  session.run(probes);
}

std::string thread_sentence(const Figures& figures) {
  const double plain = figures.seconds("serial", 1, kBatched), shared = figures.seconds("threads", 2, kBatched);
  const double alone = figures.seconds("threads", 2, kAlone);
  const char* verdict = "so two threads bring it nothing";
  if (longer(plain, shared)) verdict = "so two threads pay even for next to nothing";
  if (longer(shared, plain)) verdict = "so two threads do not pay for next to nothing";
  return fmt::format(
      "An item costs {} in one plain loop and {} with two threads that take many at a time, {}; where they take them "
      "one by one it costs {}, {} in batches.",
      compare::duration_text(plain), compare::duration_text(shared), verdict, compare::duration_text(alone),
      as_long_as(alone, shared));
}

std::string process_sentence(const Figures& figures) {
  const double batched = figures.seconds("processes", 2, kBatched), alone = figures.seconds("processes", 2, kAlone);
  return fmt::format(
      "To a process and back an item takes {} by itself, {} the {} that it takes in a batch, {}.",
      compare::duration_text(alone), as_long_as(alone, batched), compare::duration_text(batched),
      longer(alone, batched) ? "so the message is what costs, and not the item" : "so a batch saves nothing here");
}

std::string fresh_sentence(const Figures& figures) {
  const double fresh = figures.seconds("processes", 2, kFresh), batched = figures.seconds("processes", 2, kBatched);
  const std::string out =
      fmt::format("Two processes that are started for it have answered after {}", compare::duration_text(fresh));
  if (!longer(fresh, batched)) return out + ", no longer than one item takes, so there is no need to keep any.";
  return out +
         fmt::format(", in which two that are there already work off {} items in batches: keep them for the next loop.",
                     grouped(fresh / batched));
}

Explanation explain(const Figures& figures) {
  Explanation out;
  for (const bool alone : {false, true}) {
    const char* const chunk = alone ? kAlone : kBatched;
    Chart chart{.title = fmt::format("An item, {} taken or sent at a time:", alone ? "one" : "many")};
    for (const Way& way : kWays)
      if (figures.has(way.variant, way.workers, chunk))
        chart.bars.push_back(time_bar(way.variant, figures.seconds(way.variant, way.workers, chunk)));
    out.charts.push_back(std::move(chart));
  }
  const double batched = figures.seconds("processes", 2, kBatched), alone = figures.seconds("processes", 2, kAlone);
  out.charts.push_back({"Two processes, from their start until both have answered:",
                        {time_bar("processes", figures.seconds("processes", 2, kFresh))}});
  out.answer = range_of(alone / batched, {kAlike, 10, 100});
  out.sentences = {thread_sentence(figures), process_sentence(figures), fresh_sentence(figures)};
  return out;
}

}  // namespace

const Lab kMap = {
    .name = "map",
    .summary = "parallel_map with any backend: what an item costs, alone and in batches; a pool from nothing",
    .question =
        "A loop over many items, whose function does next to nothing, is spread over two processes. How many times as "
        "long does an item take that is sent by itself, compared with one of a batch?",
    .choices = {"no longer", "up to 10 times", "10 to 100 times", "more than 100 times"},
    .source = "lab/map.cpp",
    .measure = measure,
    .explain = explain,
};

}  // namespace overtake::lab
