// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/timing.h"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string_view>

#include "bench/harness/cold_start.h"
#include "bench/harness/plan.h"
#include "core/csv/number.h"
#include "core/error.h"
#include "core/pool/pool.h"
#include "core/system/peak_memory.h"

namespace overtake::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double seconds_of(const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); }

// A test hook, so that trials of the verdicts (tests/trials) have a known truth: OVERTAKE_TEST_SLOWDOWN="CELL*1.1"
// makes the runs of the cell with that benchmark name take 1.1 times as long. Its rows say so in `metrics`.
double slowdown_of(const Cell& cell) {
  const char* hook = std::getenv("OVERTAKE_TEST_SLOWDOWN");
  if (hook == nullptr) return 1;
  const std::string_view text = hook;
  const std::size_t star = text.rfind('*');
  const auto factor = star == std::string_view::npos ? std::nullopt : parse_double(text.substr(star + 1));
  if (!factor || !(*factor >= 1))
    throw UsageError("OVERTAKE_TEST_SLOWDOWN: expected CELL*FACTOR with a factor from 1 on");
  return text.substr(0, star) == cell.name() ? *factor : 1;
}

// Returns the seconds that passed.
double wait_actively(double seconds) {
  const auto start = Clock::now();
  double passed = 0;
  while ((passed = seconds_since(start)) < seconds) continue;
  return passed;
}

// This process, its live workers, and the children that it has waited for.
double cpu_seconds() {
  timespec own{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
  rusage children{};
  getrusage(RUSAGE_CHILDREN, &children);
  return static_cast<double>(own.tv_sec) + 1e-9 * static_cast<double>(own.tv_nsec) + seconds_of(children.ru_utime) +
         seconds_of(children.ru_stime) + all_pools_cpu_seconds();
}

// A run this long needs no warm-up beyond the verification: cold caches are noise in it.
constexpr double kLongRunSeconds = 0.5;
constexpr std::int64_t kMostIterations = 1'000'000'000;
// Problems that take less than this many operations and bytes are run, not estimated.
constexpr double kWorthEstimating = 5e8;

double effort(const Cost& cost) { return cost.flops + cost.bytes(); }

}  // namespace

CellTimer::CellTimer(const Cell& cell, SharedData& shared, double sample_seconds)
    : cell_(cell),
      shared_(shared),
      workers_(worker_count(cell.workers)),
      calls_(cell.scope == Scope::end_to_end ? cell.params.integer(kCallsParam, 1) : 1),
      slowdown_(slowdown_of(cell)),
      variant_(*Registry::global().find(cell.workload, cell.variant)) {
  if (cell.scope != Scope::cold_start || variant_.own_process) {
    instance_ = variant_.make(cell.dtype, *shared.data, {workers_, cell.params});
    workers_ = instance_->workers();
  }
  rehearsed_ = Registry::global().find(cell.workload)->rehearsed(cell);
  if (!rehearsed_) return;
  verify(0);
  run_seconds_ = verify(1);
  if (instance_ != nullptr && !variant_.own_process && run_seconds_ < sample_seconds) choose_iterations(sample_seconds);
}

CellTimer::~CellTimer() = default;

double CellTimer::verify(int which) {
  prepare(which);
  const double seconds = timed(which, 1);
  const Check check = shared_.data->check(which);
  if (!check.ok) throw WrongAnswer(check);
  return seconds;
}

// Afterwards a run may start: inputs are where the variant works, and no right answer is left anywhere.
void CellTimer::prepare(int which) {
  poison();
  if (instance_ != nullptr) instance_->load(which);
}

void CellTimer::poison() {
  if (instance_ != nullptr)
    instance_->poison();
  else
    shared_.data->poison();
}

double CellTimer::timed(int which, std::int64_t iterations) {
  const double seconds = timed_as_scope_says(which, iterations);
  return slowdown_ > 1 ? seconds + wait_actively((slowdown_ - 1) * seconds) : seconds;
}

double CellTimer::timed_as_scope_says(int which, std::int64_t iterations) {
  switch (cell_.scope) {
    case Scope::cold_start:
      if (variant_.own_process) return timed_kernel(iterations);
      return timed_cold_start(which);
    case Scope::end_to_end:
      return timed_end_to_end(which, iterations);
    case Scope::device:
    case Scope::reported:
      return timed_device(iterations);
    default:
      return timed_kernel(iterations);
  }
}

double CellTimer::timed_cold_start(int which) {
  const ColdStart start = cold_start(cell_, *shared_.data, which);
  workers_ = start.workers;
  return start.seconds;
}

double CellTimer::timed_kernel(std::int64_t iterations) {
  double total = 0;
  if (instance_->has_reset()) {
    for (std::int64_t i = 0; i < iterations; ++i) {
      instance_->reset();
      const auto start = Clock::now();
      instance_->run();
      total += seconds_since(start);
    }
  } else {
    const auto start = Clock::now();
    for (std::int64_t i = 0; i < iterations; ++i) instance_->run();
    total = seconds_since(start);
  }
  instance_->store();
  return total;
}

double CellTimer::timed_device(std::int64_t iterations) {
  double total = 0;
  for (std::int64_t i = 0; i < iterations; ++i) {
    if (instance_->has_reset()) instance_->reset();
    instance_->run();
    total += instance_->device_seconds();
  }
  instance_->store();
  return total;
}

double CellTimer::timed_end_to_end(int which, std::int64_t iterations) {
  double total = 0;
  for (std::int64_t i = 0; i < iterations; ++i) {
    if (instance_->has_reset()) instance_->reset();
    const auto start = Clock::now();
    instance_->load(which);
    for (std::int64_t call = 0; call < calls_; ++call) instance_->run();
    instance_->store();
    total += seconds_since(start);
  }
  return total;
}

void CellTimer::choose_iterations(double sample_seconds) {
  prepare(0);
  for (std::int64_t n = 1;;) {
    const double seconds = timed(0, n);
    if (seconds >= sample_seconds || n >= kMostIterations) {
      iterations_ = n;
      run_seconds_ = seconds / static_cast<double>(n);
      return;
    }
    // Far below the target a run is noise of the clock: grow by ten. Near it aim a little beyond.
    const double factor = seconds < sample_seconds / 10 ? 10 : 1.2 * sample_seconds / seconds;
    n = std::min(kMostIterations, static_cast<std::int64_t>(std::ceil(static_cast<double>(n) * factor)));
  }
}

Sample CellTimer::measure() {
  Sample sample;
  sample.input = next_input_;
  sample.iterations = iterations_;
  next_input_ = 1 - next_input_;
  prepare(sample.input);
  if (instance_ != nullptr && !variant_.own_process && rehearsed_ && run_seconds_ < kLongRunSeconds) {
    // Other cells ran in between: one run brings this one's data, code and threads back.
    timed(sample.input, 1);
    poison();
  }
  reset_peak_memory();
  interference_.start();
  const double cpu_before = cpu_seconds();
  const double seconds = timed(sample.input, sample.iterations);
  const double iterations = static_cast<double>(sample.iterations);
  sample.cpu_seconds = (cpu_seconds() - cpu_before) / iterations;
  sample.seconds = seconds / iterations;
  interference_.stop();
  // Only now: how many are worth it can depend on the problem and on the environment.
  if (instance_ != nullptr) workers_ = instance_->workers();
  interference_.add_to(sample.metrics);
  if (slowdown_ > 1) sample.metrics.set("slowed", slowdown_);
  if (const std::int64_t peak = peak_memory_bytes(); peak > 0 && !variant_.own_process)
    sample.metrics.set("peak_memory_bytes", peak);
  if (instance_ != nullptr)
    for (const auto& [key, value] : instance_->metrics()) sample.metrics.set(key, std::string_view(value));
  sample.check = shared_.data->check(sample.input);
  return sample;
}

double estimated_seconds(const Cell& cell, const InputSource& source) {
  const WorkloadInfo& workload = *Registry::global().find(cell.workload);
  const double whole = effort(workload.cost(cell));
  if (whole < kWorthEstimating || !source.path.empty()) return 0;
  Cell small = cell;
  std::int64_t divisor = 1;
  do {
    divisor *= 2;
    small.shape = workload.shrunk(cell.shape, divisor);
  } while (effort(workload.cost(small)) > kWorthEstimating / 10 && divisor < 1024);
  const auto data = workload.make_data(small, source, {});
  const VariantInfo& variant = *Registry::global().find(cell.workload, cell.variant);
  const auto instance = variant.make(cell.dtype, *data, {worker_count(cell.workers), cell.params});
  instance->load(0);
  // The least of a few: threads that wake up late must not make a fast variant look slow.
  double least = std::numeric_limits<double>::infinity();
  for (int attempt = 0; attempt < 4; ++attempt) {
    if (instance->has_reset()) instance->reset();
    const auto start = Clock::now();
    instance->run();
    least = std::min(least, seconds_since(start));
  }
  return least * whole / effort(workload.cost(small));
}

}  // namespace overtake::bench
