// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/group.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace overtake::bench {
namespace {

// Times that the ceilings of a cell faster than they allow are timed once more.
constexpr int kConfirmations = 200;

using DataKey = std::tuple<std::string, Dtype, std::string, std::string>;

DataKey data_key(const Cell& cell) {
  return {cell.workload, cell.dtype, cell.shape.to_string(), cell.params.to_string()};
}

void report_progress(int fd, const Cell& cell) {
  if (fd < 0) return;
  const std::string line = cell.name() + "\n";
  // A reader that went away is no reason to stop measuring.
  [[maybe_unused]] const auto written = write(fd, line.data(), line.size());
}

// One call is one sample: the number of runs in it was fixed when the cell was prepared.
void sample_into(benchmark::State& state, CellTimer& timer, Recorder& recorder, int progress_fd) {
  const std::int64_t iterations = timer.iterations();
  while (state.KeepRunningBatch(iterations)) {
    try {
      const Sample sample = timer.measure();
      recorder.sample(timer, sample);
      state.SetIterationTime(sample.seconds * static_cast<double>(iterations));
      if (!sample.check.ok) state.SkipWithError(("wrong answer: " + sample.check.detail).c_str());
    } catch (const std::exception& error) {
      recorder.failed(timer.cell(), RowStatus::failed, error.what(), {});
      state.SkipWithError(error.what());
    }
  }
  report_progress(progress_fd, timer.cell());
}

class Group {
 public:
  Group(const GroupOptions& options, Recorder& recorder) : options_(options), recorder_(recorder) {}

  void prepare(const Cell& cell) {
    if (!seen_.insert(cell.name()).second) return;
    try {
      if (options_.skip_above_seconds > 0) {
        const double seconds = estimated_seconds(cell, options_.source);
        if (seconds > options_.skip_above_seconds)
          throw Skip(
              fmt::format("a sample would take over {:g} s (about {:.2g} s): name this size to time it all the same",
                          options_.skip_above_seconds, seconds));
      }
      timers_.push_back(std::make_unique<CellTimer>(cell, shared_for(cell), options_.sample_seconds));
    } catch (const Skip& reason) {
      recorder_.skipped(cell, reason.what());
    } catch (const WrongAnswer& wrong) {
      recorder_.failed(cell, RowStatus::wrong, wrong.check.detail, wrong.check);
    } catch (const UsageError&) {
      throw;
    } catch (const std::exception& error) {
      recorder_.failed(cell, RowStatus::failed, error.what(), {});
    }
  }

  void prepare_ceilings() {
    std::vector<Cell> needed;
    for (const auto& timer : timers_)
      for (Cell& cell : ceilings_of(timer->cell(), timer->cost())) needed.push_back(std::move(cell));
    for (const Cell& cell : needed)
      if (const PlannedCell ceiling = planned(cell); ceiling.skip.empty()) prepare(cell);
    bound({});
  }

  // Other load may have held the probes back: before a cell is called implausible, its ceilings get further samples,
  // as short as they can be, because a short one fits between two disturbances.
  void confirm_ceilings() {
    std::map<std::string, std::unique_ptr<CellTimer>> probes;
    for (int round = 0; round < kConfirmations; ++round) {
      std::vector<Cell> needed;
      const auto suspects = recorder_.implausible();
      if (suspects.empty()) return;
      for (const Cell& cell : suspects)
        for (const auto& timer : timers_)
          if (timer->cell() == cell)
            for (Cell& ceiling : ceilings_of(cell, timer->cost())) needed.push_back(std::move(ceiling));
      bound(suspects);
      std::set<std::string> timed;
      for (const Cell& ceiling : needed) {
        if (!timed.insert(ceiling.name()).second || !planned(ceiling).skip.empty()) continue;
        // A probe that fails by now clears nobody: its GPU was lost, say.
        try {
          auto& probe = probes[ceiling.name()];
          if (!probe) probe = std::make_unique<CellTimer>(ceiling, shared_for(ceiling), 0);
          recorder_.sample(*probe, probe->measure());
        } catch (const std::exception&) {
          return;
        }
      }
    }
  }

  void run(Reporter& reporter) {
    for (const auto& timer : timers_)
      benchmark::RegisterBenchmark(
          timer->cell().name().c_str(),
          [](benchmark::State& state, CellTimer* t, Recorder* recorder, int fd) {
            sample_into(state, *t, *recorder, fd);
          },
          timer.get(), &recorder_, options_.progress_fd)
          ->UseManualTime()
          ->Iterations(timer->iterations())
          ->Unit(benchmark::kMicrosecond);
    if (!timers_.empty()) benchmark::RunSpecifiedBenchmarks(&reporter);
    benchmark::ClearRegisteredBenchmarks();
  }

 private:
  // Measures what bounds cells beside ceilings, once for each data: of these cells, or (none named) of all.
  void bound(const std::vector<Cell>& cells) {
    std::map<const Data*, std::vector<LeastTime>> measured;
    for (const auto& timer : timers_) {
      if (!cells.empty() && std::ranges::find(cells, timer->cell()) == cells.end()) continue;
      const auto [at, is_new] = measured.try_emplace(&timer->data());
      if (is_new) at->second = timer->data().least_times();
      recorder_.bound(timer->cell(), at->second);
    }
  }

  SharedData& shared_for(const Cell& cell) {
    const auto at = shared_.try_emplace(data_key(cell)).first;
    if (at->second.data == nullptr) {  // new, or it could not be made for the cell before
      at->second.source = options_.source;
      // Ceilings make their own data, whatever the user brought.
      if (cell.workload == "ceiling") at->second.source.path.clear();
      at->second.data = Registry::global().find(cell.workload)->make_data(cell, at->second.source, {});
    }
    return at->second;
  }

  const GroupOptions& options_;
  Recorder& recorder_;
  std::set<std::string> seen_;
  std::map<DataKey, SharedData> shared_;
  std::vector<std::unique_ptr<CellTimer>> timers_;  // ends before the data
};

}  // namespace

std::vector<std::vector<PlannedCell>> groups_of(const std::vector<PlannedCell>& cells) {
  std::vector<std::vector<PlannedCell>> groups;
  std::map<DataKey, std::size_t> where;
  for (const PlannedCell& planned : cells) {
    const auto [at, is_new] = where.try_emplace(data_key(planned.cell), groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].push_back(planned);
  }
  return groups;
}

void run_group(const std::vector<PlannedCell>& cells, const GroupOptions& options, Recorder& recorder,
               Reporter& reporter) {
  Group group(options, recorder);
  for (const PlannedCell& planned : cells) {
    if (planned.skip.empty())
      group.prepare(planned.cell);
    else
      recorder.skipped(planned.cell, planned.skip);
  }
  group.prepare_ceilings();
  group.run(reporter);
  group.confirm_ceilings();
  recorder.end_group();
}

}  // namespace overtake::bench
