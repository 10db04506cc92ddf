// SPDX-License-Identifier: Apache-2.0
#include "cli/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <set>

#include "cli/launch.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "compare/compare.h"
#include "core/file.h"
#include "core/results/reader.h"

namespace overtake::cli {
namespace {

namespace fs = std::filesystem;
using bench::PlannedCell;
using Clock = std::chrono::steady_clock;

constexpr double kTwinSeconds = 1;   // the cell that is timed twice takes less
constexpr int kMostProcesses = 200;  // of a budget: nobody learns from more
// A verdict that rests on one process is not decided.
constexpr int kFewestProcesses = 2;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::vector<std::string> program_arguments(const RunArguments& arguments, const RunPlan& plan, const fs::path& folder,
                                           const std::string& workload) {
  std::vector<std::string> out = {"--out=" + folder.string(), "--cells=" + (folder / (workload + ".cells")).string(),
                                  "--seed=" + arguments.seed,
                                  fmt::format("--benchmark_min_time={}", plan.suite.sample_seconds),
                                  fmt::format("--benchmark_repetitions={}", plan.suite.repetitions)};
  // Who names a size wants it, however long it takes.
  const std::string& data = arguments.data.empty() ? arguments.urls : arguments.data;
  const bool named = !arguments.sizes.empty() || !data.empty();
  out.push_back(fmt::format("--skip-above={}", named ? 0 : plan.suite.skip_above_seconds));
  if (!data.empty()) out.push_back("--data=" + data);
  for (const auto& command : arguments.commands) out.push_back("--command=" + command);
  if (!arguments.seconds_from.empty()) out.push_back("--seconds-from=" + arguments.seconds_from);
  if (!arguments.check.empty()) out.push_back("--check=" + arguments.check);
  return out;
}

// What was measured before, of a run that is resumed: process and cell.
using Done = std::set<std::pair<std::int64_t, std::string>>;

Done done_before(const fs::path& folder, bool resumes) {
  Done done;
  if (!resumes) return done;
  for (const Row& row : read_run(folder).rows)
    // What was skipped or failed once stays so for all processes of the run's first.
    if (row.process) done.emplace(*row.process, row.cell().name());
  return done;
}

Cell twin(Cell cell, const char* which) {
  cell.params.set(kAaParam, std::string_view(which));
  return cell;
}

class Measurement {
 public:
  Measurement(const RunArguments& arguments, const RunPlan& plan, const Place& place)
      : arguments_(arguments),
        plan_(plan),
        place_(place),
        done_(done_before(place.folder, !arguments.resume.empty())),
        progress_(total_samples()) {
    for (const PlannedCell& planned : plan.cells) workloads_[planned.cell.workload].push_back(planned);
  }

  // Processes are the outer loop: the samples of a cell are spread over the whole run, so that drift hits all alike.
  Status run() {
    const int processes = plan_.budget_seconds ? kMostProcesses : plan_.suite.processes;
    double longest = 0;
    for (int process = 0; process < processes && !interrupted() && worst_ != Status::usage; ++process) {
      if (plan_.budget_seconds && process > 0) {
        if (seconds_since(start_) + longest > *plan_.budget_seconds) break;
        if (!narrow_to_undecided(process)) break;
      }
      const auto before = Clock::now();
      round(process);
      longest = std::max(plan_.budget_seconds && process > 1 ? 0.0 : longest, seconds_since(before));
    }
    for (const auto& [workload, cells] : workloads_) {
      std::error_code ignored;
      fs::remove(place_.folder / (workload + ".cells"), ignored);
    }
    return interrupted() ? Status::interrupted : worst_;
  }

 private:
  std::int64_t total_samples() const {
    std::int64_t cells = 0;
    for (const PlannedCell& planned : plan_.cells) cells += planned.skip.empty() ? 1 : 0;
    return cells * plan_.suite.repetitions * (plan_.budget_seconds ? 1 : plan_.suite.processes);
  }

  void round(int process) {
    for (const auto& [workload, cells] : workloads_) {
      if (interrupted() || worst_ == Status::usage) return;
      // The twins stand on both sides of the others in time, and change places.
      const bool knows_twin = process > 0 && plan_.has_twins && twin_of(workload).has_value();
      if (knows_twin) launch_twin(workload, process, process % 2 == 0 ? "1" : "2");
      launch_cells(workload, cells, process);
      if (process == 0) launch_twin(workload, process, "1");
      launch_twin(workload, process, process % 2 == 0 ? "2" : "1");
    }
  }

  // The baseline's longest cell that takes less than a second, of scope kernel where there is one.
  const std::optional<Cell>& twin_of(const std::string& workload) {
    const auto [at, is_new] = twins_.try_emplace(workload);
    if (!is_new) return at->second;
    const Run run = read_run(place_.folder);
    const auto all = baselines();
    const auto named = all.find(workload);
    const std::string baseline = named != all.end() ? named->second : first_variant(run, workload);
    double longest = 0;
    for (const compare::Measured& measured : compare::measured_cells(run.rows)) {
      const Cell& cell = measured.cell;
      if (cell.workload != workload || cell.variant != baseline || baseline.empty() || !measured.is_ok()) continue;
      if (compare::is_aa(cell) || cell.scope == Scope::device) continue;
      const double seconds = measured.median();
      const bool replaces_other_scope = at->second && at->second->scope != Scope::kernel && cell.scope == Scope::kernel;
      const bool is_other_scope = at->second && at->second->scope == Scope::kernel && cell.scope != Scope::kernel;
      if (seconds >= kTwinSeconds || is_other_scope || (seconds <= longest && !replaces_other_scope)) continue;
      longest = seconds;
      at->second = cell;
    }
    return at->second;
  }

  static std::string first_variant(const Run& run, const std::string& workload) {
    for (const Row& row : run.rows)
      if (row.workload == workload && row.status == RowStatus::ok) return row.variant;
    return "";
  }

  void launch_twin(const std::string& workload, int process, const char* which) {
    if (interrupted() || worst_ == Status::usage || !plan_.has_twins) return;
    if (const auto& cell = twin_of(workload)) launch_cells(workload, {{twin(*cell, which), ""}}, process);
  }

  void launch_cells(const std::string& workload, const std::vector<PlannedCell>& cells, int process) {
    std::string names;
    std::set<std::string> ours;
    for (const PlannedCell& planned : cells) {
      const std::string name = planned.cell.name();
      if (done_.contains({process, name}) || (!planned.skip.empty() && done_.contains({0, name}))) continue;
      names += name + "\n";
      if (planned.skip.empty() && !compare::is_aa(planned.cell)) ours.insert(name);
    }
    if (names.empty()) return;
    write_file(place_.folder / (workload + ".cells"), names);
    auto program = program_arguments(arguments_, plan_, place_.folder, workload);
    program.push_back(fmt::format("--process={}", process));
    program.push_back("--run-id=" + place_.run_id);
    program.push_back("--system-id=" + place_.system_id);
    const int code = launch(program_path("bench_" + workload), program, [&](const std::string& cell) {
      if (ours.contains(cell)) progress_.done(cell);
    });
    if (code == static_cast<int>(Status::usage)) worst_ = worst(worst_, Status::usage);
    if (code > 128 && code != static_cast<int>(Status::interrupted))
      fmt::print(stderr, "overtake run: bench_{} was ended by signal {}; its rows so far are kept\n", workload,
                 code - 128);
    if (code != 0) worst_ = worst(worst_, Status::failure);
  }

  // Keeps the cells whose verdict against their baseline is open, and these baselines; false where none is.
  bool narrow_to_undecided(int process) {
    if (process < kFewestProcesses) return true;
    const Run run = read_run(place_.folder);
    std::set<std::string> open;
    try {
      const auto comparison =
          compare::compare_runs(run, run, {.by = compare::Dimension::parse("variant"), .baselines = baselines()});
      for (const compare::ComparedCell& cell : comparison.cells)
        if (cell.verdict == compare::Verdict::undecided)
          for (const compare::Measured* side : {cell.base, cell.other}) open.insert(compare::key_of(side->cell));
    } catch (const UsageError&) {
      return true;  // nothing stands against a baseline: all cells stay
    }
    for (auto& [workload, cells] : workloads_)
      std::erase_if(cells, [&](const PlannedCell& planned) { return !open.contains(compare::key_of(planned.cell)); });
    std::erase_if(workloads_, [](const auto& workload) { return workload.second.empty(); });
    std::size_t left = 0;
    for (const auto& [workload, cells] : workloads_) left += cells.size();
    if (left == 0) {
      fmt::print(stderr, "note: every verdict against the baseline is decided after {} processes\n", process);
      return false;
    }
    progress_.set_total(progress_.done_so_far() + static_cast<std::int64_t>(left) * plan_.suite.repetitions);
    return true;
  }

  const RunArguments& arguments_;
  const RunPlan& plan_;
  const Place& place_;
  const Clock::time_point start_ = Clock::now();
  std::map<std::string, std::vector<PlannedCell>> workloads_;
  std::map<std::string, std::optional<Cell>> twins_;
  Done done_;
  Progress progress_;
  Status worst_ = Status::good;
};

}  // namespace

Status measure(const RunArguments& arguments, const RunPlan& plan, const Place& place) {
  return Measurement(arguments, plan, place).run();
}

}  // namespace overtake::cli
