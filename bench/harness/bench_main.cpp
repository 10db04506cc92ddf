// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/bench_main.h"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/harness/group.h"
#include "bench/harness/interrupt.h"
#include "bench/harness/options.h"
#include "bench/harness/recorder.h"
#include "bench/harness/reporter.h"
#include "core/file.h"
#include "core/pool/spawn.h"
#include "core/scratch_folder.h"
#include "core/system/system.h"
#include "core/time.h"

namespace overtake::bench {
namespace {

Suite suite_of(const Options& options, const std::string& workload) {
  if (workload == "command")
    return command_suite(options.sizes, options.command.seconds_from.empty() ? Scope::cold_start : Scope::reported);
  if (options.quick) return quick_suite();
  return workload == "download" ? download_suite() : default_suite();
}

std::vector<PlannedCell> cells_to_time(const Options& options, const Suite& suite, const std::string& workload) {
  std::vector<PlannedCell> cells;
  if (options.cells.empty()) {
    Selection selection;
    selection.workloads = {workload};
    cells = plan(suite, selection);
  } else {
    for (const Cell& cell : options.cells) {
      if (cell.workload != workload) throw UsageError(cell.name() + ": this program times " + workload + " only");
      cells.push_back(planned(cell));
    }
  }
  std::erase_if(cells, [&](const PlannedCell& p) { return !chosen_by(options.filter, p.cell.name()); });
  if (cells.empty()) throw UsageError("--benchmark_filter=" + options.filter + " matches no cell");
  return cells;
}

// Google Benchmark wants argc and argv that it may change, and that live as long as it does.
void initialize_library(const Options& options, const std::string& program, int repetitions) {
  static std::vector<std::string> arguments;
  static std::vector<char*> pointers;
  arguments = {program, fmt::format("--benchmark_repetitions={}", repetitions),
               "--benchmark_enable_random_interleaving=true"};
  arguments.insert(arguments.end(), options.library_flags.begin(), options.library_flags.end());
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, pointers.data());
  if (count > 1) throw UsageError(fmt::format("unknown flag or value '{}' (see {} --help)", pointers[1], program));
}

RunInfo run_info(const Options& options) {
  RunInfo info{options.run_id, options.system_id, options.process, options.process > 0 || !options.run_id.empty()};
  if (info.run_id.empty()) info.run_id = utc_now_compact();
  if (info.system_id.empty())
    info.system_id = system_id(describe_system(), options.label.empty() ? std::nullopt : std::optional(options.label));
  return info;
}

// A program that is run alone describes the machine itself; `overtake run` has done so already.
void write_system_beside(const std::filesystem::path& folder) {
  make_folders(folder);
  if (!std::filesystem::exists(folder / "system.json"))
    write_file(folder / "system.json", describe_system().dump(2) + "\n");
}

// Started by `overtake run`: its progress pipe is not for our workers, and its end is our end.
void follow_parent(int progress_fd) {
  if (progress_fd < 0) return;
  fcntl(progress_fd, F_SETFD, FD_CLOEXEC);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
}

int run_cells(const Options& options, const std::string& program, const std::string& workload) {
  const Suite suite = suite_of(options, workload);
  const auto cells = cells_to_time(options, suite, workload);
  if (options.list) {
    for (const PlannedCell& planned : cells) std::puts(planned.cell.name().c_str());
    return 0;
  }
  const double sample_seconds = options.min_time.value_or(suite.sample_seconds);
  initialize_library(options, program, options.repetitions.value_or(suite.repetitions));

  std::optional<std::filesystem::path> csv;
  if (options.out) {
    write_system_beside(*options.out);
    csv = *options.out / (program + ".csv");
  }
  Recorder recorder(csv, run_info(options));
  end_on_interrupt([&] {
    recorder.finish();
    ScratchFolder::remove_all();
  });
  follow_parent(options.progress_fd);
  Reporter reporter(options);
  const double limit = options.skip_above.value_or(options.cells.empty() ? suite.skip_above_seconds : 0);
  for (const auto& group : groups_of(cells))
    run_group(group, {{options.seed, options.data_path}, sample_seconds, options.progress_fd, limit}, recorder,
              reporter);
  reporter.finish();
  recorder.finish();
  for (const std::string& complaint : recorder.complaints()) fmt::print(stderr, "{}: {}\n", program, complaint);
  return static_cast<int>(recorder.all_good() ? Status::good : Status::failure);
}

}  // namespace

int bench_main(int argc, char** argv, const std::string& program, const std::string& workload) {
  worker_entry();
  block_interrupts();
  try {
    const auto options = parse_options(argc, argv, program, workload);
    if (options && workload == "command") register_commands(options->command);
    return options ? run_cells(*options, program, workload) : 0;
  } catch (const UsageError& error) {
    fmt::print(stderr, "{}: {}\n", program, error.what());
    return static_cast<int>(Status::usage);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", program, error.what());
    return static_cast<int>(Status::failure);
  }
}

}  // namespace overtake::bench
