// SPDX-License-Identifier: Apache-2.0
// The one timing rule. What the clock covers for each scope, what is warmed up, poisoned and checked around a sample:
// here and nowhere else. Benchmarks call measure(); how many samples and in which order is Google Benchmark's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "bench/harness/interference.h"
#include "core/registry/registry.h"

namespace overtake::bench {

/// The inputs and output that all cells of a group work on.
struct SharedData {
  std::unique_ptr<Data> data;
  InputSource source;
};

struct Sample {
  double seconds = 0;      // per iteration
  double cpu_seconds = 0;  // per iteration, workers included
  std::int64_t iterations = 1;
  int input = 0;  // which of the two inputs
  Check check;
  KeyValues metrics;
};

class CellTimer {
 public:
  /// Makes the instance, verifies both inputs, which also warms up, and chooses how many runs a sample of at least
  /// `sample_seconds` averages over. A cell that is not rehearsed is only made: each of its samples is a single run,
  /// checked as all are. Throws Skip, or WrongAnswer.
  CellTimer(const Cell&, SharedData&, double sample_seconds);
  ~CellTimer();
  CellTimer(const CellTimer&) = delete;
  CellTimer& operator=(const CellTimer&) = delete;

  /// One timed sample, and the check of what it computed.
  Sample measure();
  std::int64_t iterations() const { return iterations_; }
  /// That the variant has; of a cold start, those of the last one.
  int workers() const { return workers_; }
  /// How often the same data is worked on between load and store: the parameter `calls` of scope end_to_end.
  std::int64_t calls() const { return calls_; }
  const Cell& cell() const { return cell_; }
  Cost cost() const { return shared_.data->cost(); }
  Data& data() const { return *shared_.data; }

 private:
  void prepare(int which);
  void poison();
  double timed(int which, std::int64_t iterations);
  double timed_as_scope_says(int which, std::int64_t iterations);
  double timed_cold_start(int which);
  double timed_kernel(std::int64_t iterations);
  double timed_device(std::int64_t iterations);
  double timed_end_to_end(int which, std::int64_t iterations);
  double verify(int which);
  void choose_iterations(double sample_seconds);

  Cell cell_;
  SharedData& shared_;
  int workers_ = 1;
  std::int64_t calls_ = 1;
  double slowdown_ = 1;  // by the test hook
  const VariantInfo& variant_;
  std::unique_ptr<Instance> instance_;  // none for cold starts: each makes its own
  std::int64_t iterations_ = 1;
  double run_seconds_ = 0;
  bool rehearsed_ = true;
  int next_input_ = 0;
  Interference interference_;
};

/// The answer of this variant is wrong: no time is reported for it.
struct WrongAnswer : std::runtime_error {
  explicit WrongAnswer(const Check& failed) : std::runtime_error("wrong answer: " + failed.detail), check(failed) {}
  Check check;
};

/// Seconds one run of the cell will take, from a smaller problem and the costs of both; 0 where the cell is too small
/// to be worth asking. Throws Skip.
double estimated_seconds(const Cell&, const InputSource&);

}  // namespace overtake::bench
