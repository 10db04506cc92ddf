// SPDX-License-Identifier: Apache-2.0
#include "lab/engine/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "core/time.h"

namespace overtake::lab {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// How often the probe's action fits `seconds`: doubled until it is seen, which warms it up as well. The shortest of
// three tries counts: on a busy machine one try of a short action may be nothing but waiting for a core.
std::int64_t times_for(const Probe& probe, double seconds) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  std::int64_t times = 1;
  while (true) {
    double shortest = seconds;
    for (int tries = 0; tries < 3 && shortest >= seconds / 4; ++tries) {
      const Timed timed = probe.run({times, seconds});
      if (!probe.repeats || timed.error != 0 || !timed.failure.empty()) return times;
      shortest = tries == 0 ? timed.seconds : std::min(shortest, timed.seconds);
    }
    if (shortest >= seconds / 4 || times >= kMost) {
      const double fitting = static_cast<double>(times) * seconds / std::max(shortest, 1e-9);
      return std::clamp<std::int64_t>(static_cast<std::int64_t>(fitting), 1, kMost);
    }
    // In large steps as long as nothing is to be seen: a thousand threads are no longer nothing.
    times *= shortest < seconds / 64 ? 8 : 2;
  }
}

}  // namespace

Session::Session(std::string lab, double seconds, Machine machine, RunInfo info, ResultsWriter* writer,
                 std::optional<double> scale)
    : lab_(std::move(lab)),
      seconds_(seconds),
      machine_(machine),
      info_(std::move(info)),
      writer_(writer),
      scale_(scale) {}

std::vector<int> Session::worker_counts(int factor, int most) const {
  std::set<int> counts;
  for (const int count : {1, 2, cores(), factor * cores()}) counts.insert(std::min(count, most));
  return {counts.begin(), counts.end()};
}

void Session::run(const std::vector<Probe>& probes, double part) {
  if (probes.empty()) return;
  const auto start = Clock::now();
  // Warming up takes up to three samples.
  const double seconds = seconds_ * part, share = seconds / static_cast<double>(probes.size() * (kRounds + 3));
  std::vector<std::int64_t> times;
  times.reserve(probes.size());
  for (const Probe& probe : probes) times.push_back(times_for(probe, share));

  std::mt19937 random(1);
  std::vector<std::size_t> order(probes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::int64_t round = 0; round < kRounds; ++round) {
    const auto round_start = Clock::now();
    for (const std::size_t i : order) record(probes[i], times[i], probes[i].run({times[i], share}), round);
    if (seconds_since(start) + seconds_since(round_start) > seconds) break;
    // The first round keeps the order of the lab: readers take the first variant for the one to compare with.
    std::shuffle(order.begin(), order.end(), random);
  }
}

Row Session::row_of(const Case& what) const {
  Row row;
  row.run_id = info_.run_id;
  row.system_id = info_.system_id;
  row.git_revision = info_.git_revision;
  row.utc = utc_now();
  row.workload = "lab_" + lab_;
  row.variant = what.variant;
  row.strategy = what.strategy;
  row.scope = what.scope;
  row.shape = what.shape;
  row.params = what.params;
  row.workers_asked.count = what.workers;
  row.process = 0;
  row.metrics.set("cores", std::int64_t{machine_.cores});
  row.metrics.set("cpus", std::int64_t{machine_.cpus});
  return row;
}

void Session::record(const Probe& probe, std::int64_t asked, const Timed& timed, std::int64_t sample) {
  const std::int64_t times = timed.times.value_or(asked);
  Row row = row_of(probe.what);
  row.workers = probe.what.workers;
  row.hosts = 1;
  row.gpus = 0;
  row.sample = sample;
  row.iterations = times;
  row.check_method = probe.check;
  row.check_error = timed.error;
  row.check_tolerance = 0;
  for (const auto& [key, value] : timed.metrics) row.metrics.set(key, value);
  const auto runs = static_cast<double>(times);
  if (!timed.failure.empty()) {
    row.status = RowStatus::failed;
    row.status_reason = timed.failure;
  } else if (!(timed.error <= 0)) {
    row.status = RowStatus::wrong;
    row.status_reason = fmt::format("off by {}", timed.error);
  } else {
    row.seconds = timed.seconds / runs;
    if (timed.cpu_seconds) row.cpu_seconds = *timed.cpu_seconds / runs;
  }
  if (row.status != RowStatus::ok && !probe.may_fail)
    complaints_.push_back(fmt::format("{}: {}: {}", row.cell().name(), to_string(row.status), row.status_reason));
  add(row);
}

void Session::skip(const Case& what, const std::string& reason) {
  Row row = row_of(what);
  row.status = RowStatus::skipped;
  row.status_reason = reason;
  add(row);
}

void Session::add(const Row& row) {
  if (writer_ != nullptr) writer_->add(row);
  rows_.push_back(row);
}

}  // namespace overtake::lab
