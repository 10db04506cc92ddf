// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/recorder.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/registry/declared.h"
#include "core/registry/registry.h"
#include "core/time.h"
#include "git_revision.h"

namespace overtake::bench {
namespace {

// A variant that was not built has no strategy to ask for; the room its file stands in tells.
Strategy strategy_of(const Cell& cell) {
  if (const VariantInfo* variant = Registry::global().find(cell.workload, cell.variant)) return variant->strategy;
  for (const DeclaredVariant& row : declared_variants())
    if (row.workload == cell.workload && row.variant == cell.variant && row.file.starts_with("gpu/"))
      return Strategy::gpu;
  return Strategy::serial;
}

}  // namespace

Recorder::Recorder(const std::optional<std::filesystem::path>& csv, RunInfo info) : info_(std::move(info)) {
  if (csv) writer_.emplace(*csv, info_.extends ? Existing::extend : Existing::refuse);
}

Row Recorder::row_of(const Cell& cell) const {
  Row row;
  row.run_id = info_.run_id;
  row.system_id = info_.system_id;
  row.utc = utc_now();
  row.git_revision = kGitRevision;
  row.workload = cell.workload;
  row.variant = cell.variant;
  row.strategy = strategy_of(cell);
  if (const VariantInfo* variant = Registry::global().find(cell.workload, cell.variant)) row.library = variant->library;
  row.dtype = cell.dtype;
  row.scope = cell.scope;
  row.shape = cell.shape;
  row.params = cell.params;
  row.workers_asked = cell.workers;
  row.process = info_.process;
  return row;
}

void Recorder::write(const Row& row) {
  if (writer_) writer_->add(row);
}

void Recorder::complain(const Row& row) {
  all_good_ = false;
  const std::string line = fmt::format("{}: {}: {}", row.cell().name(), to_string(row.status), row.status_reason);
  if (complaints_.empty() || complaints_.back() != line) complaints_.push_back(line);
}

void Recorder::skipped(const Cell& cell, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (info_.process != 0) return;  // said once
  Row row = row_of(cell);
  row.status = RowStatus::skipped;
  row.status_reason = reason;
  write(row);
}

void Recorder::failed(const Cell& cell, RowStatus status, const std::string& reason, const Check& check) {
  const std::lock_guard lock(mutex_);
  Row row = row_of(cell);
  row.status = status;
  row.status_reason = reason;
  if (!check.method.empty()) {
    row.check_method = check.method;
    row.check_error = check.error;
    row.check_tolerance = check.tolerance;
  }
  complain(row);
  write(row);
}

void Recorder::sample(const CellTimer& timer, const Sample& sample) {
  const std::lock_guard lock(mutex_);
  Row row = row_of(timer.cell());
  const Cost cost = timer.cost();
  row.workers = timer.workers();
  row.hosts = 1;
  row.gpus = row.strategy == Strategy::gpu ? 1 : 0;
  row.sample = samples_[timer.cell().name()]++;
  row.iterations = sample.iterations;
  row.seconds = sample.seconds;
  row.cpu_seconds = sample.cpu_seconds;
  const auto calls = static_cast<double>(timer.calls());
  if (cost.flops > 0) row.flops = calls * cost.flops;
  if (cost.bytes() > 0) row.bytes = calls * cost.bytes();
  row.metrics = sample.metrics;
  row.check_method = sample.check.method;
  row.check_error = sample.check.error;
  row.check_tolerance = sample.check.tolerance;
  if (!sample.check.ok) {
    row.status = RowStatus::wrong;
    row.status_reason = sample.check.detail;
    row.seconds = row.cpu_seconds = std::nullopt;  // no time is reported for a wrong answer
    complain(row);
  } else if (timer.cell().workload == "ceiling") {
    ceilings_.add(timer.cell(), cost, sample.seconds);
  }
  waiting_.push_back({std::move(row), timer.cell(), cost, calls});
}

void Recorder::bound(const Cell& cell, const std::vector<LeastTime>& times) {
  const std::lock_guard lock(mutex_);
  for (const LeastTime& time : times) {
    const auto [at, is_new] = least_times_[cell.name()].try_emplace(time.bound, time.seconds);
    at->second = std::min(at->second, time.seconds);
  }
}

// By the ceilings, or by the longest of the cell's own least times.
Ceilings::Share Recorder::share_of(const Waiting& waiting) const {
  const double seconds = *waiting.row.seconds / waiting.calls;
  const auto own = least_times_.find(waiting.cell.name());
  if (own == least_times_.end() || own->second.empty() || seconds <= 0)
    return ceilings_.share(waiting.cell, waiting.cost, seconds);
  const auto longest = std::ranges::max_element(own->second, {}, [](const auto& time) { return time.second; });
  return {longest->first, longest->second / seconds};
}

void Recorder::write_group() {
  for (Waiting& waiting : waiting_) {
    Row& row = waiting.row;
    if (row.status == RowStatus::ok && row.workload != "ceiling") {
      const auto share = share_of(waiting);
      if (!share.bound.empty()) {
        row.bound = share.bound;
        row.ceiling_fraction = share.fraction;
        if (share.fraction > kImplausible) {
          row.status = RowStatus::implausible;
          row.status_reason = fmt::format("{:.2f} of what the {} ceiling allows", share.fraction, share.bound);
          complain(row);
        }
      }
    }
    write(row);
  }
  waiting_.clear();
}

std::vector<Cell> Recorder::implausible() const {
  const std::lock_guard lock(mutex_);
  std::vector<Cell> cells;
  for (const Waiting& waiting : waiting_) {
    if (waiting.row.status != RowStatus::ok || waiting.row.workload == "ceiling") continue;
    if (share_of(waiting).fraction <= kImplausible) continue;
    if (std::find(cells.begin(), cells.end(), waiting.cell) == cells.end()) cells.push_back(waiting.cell);
  }
  return cells;
}

void Recorder::end_group() {
  const std::lock_guard lock(mutex_);
  write_group();
}

void Recorder::finish() {
  const std::lock_guard lock(mutex_);
  write_group();
  if (writer_) writer_->finish();
}

}  // namespace overtake::bench
