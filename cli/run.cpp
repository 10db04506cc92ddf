// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "bench/harness/command.h"
#include "bench/harness/plan.h"
#include "cli/launch.h"
#include "cli/progress.h"
#include "core/file.h"
#include "core/registry/registry.h"
#include "core/results/reader.h"
#include "core/system/system.h"
#include "core/time.h"
#include "core/workload/preprocess.h"

namespace overtake::cli {
namespace {

namespace fs = std::filesystem;
using bench::PlannedCell;

// Everything that is decided before anything is written.
struct RunPlan {
  bench::Suite suite;
  std::vector<PlannedCell> cells;
  std::vector<std::string> notes;
  std::string seed;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

bench::Selection selection_of(const RunArguments& arguments) {
  bench::Selection selection;
  selection.workloads = arguments.workloads;
  selection.variants = arguments.variants;
  selection.sizes = arguments.sizes;
  for (const auto& text : arguments.strategies) selection.strategies.push_back(parse_strategy(text));
  for (const auto& text : arguments.dtypes) selection.dtypes.push_back(parse_dtype(text));
  for (const auto& text : arguments.scopes) selection.scopes.push_back(parse_scope(text));
  for (const auto& text : arguments.workers) selection.workers.push_back(Workers::parse(text));
  for (const auto& text : arguments.params) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw UsageError("--param '" + text + "': expected NAME=VALUE or NAME=VALUE,VALUE...");
    selection.params.emplace_back(text.substr(0, equals), split(text.substr(equals + 1), ','));
  }
  return selection;
}

void require_seed(const std::string& text) {
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ec != std::errc{} || result.ptr != text.data() + text.size())
    throw UsageError("--seed " + text + ": expected a whole number from 0");
}

RunPlan plan_commands(const RunArguments& arguments) {
  if (!arguments.workloads.empty())
    throw UsageError("--command times your own programs: leave out the workload '" + arguments.workloads.front() + "'");
  bench::CommandOptions options;
  for (const auto& text : arguments.commands) options.commands.push_back(bench::Command::parse(text));
  options.seconds_from = arguments.seconds_from;
  options.check = arguments.check;
  bench::register_commands(options);
  RunPlan plan;
  plan.suite =
      bench::command_suite(arguments.sizes, options.seconds_from.empty() ? Scope::cold_start : Scope::reported);
  bench::Selection selection;
  selection.workloads = {"command"};
  plan.cells = bench::plan(plan.suite, selection);
  return plan;
}

// The user's own table: its shape is the size.
void use_table(const RunArguments& arguments, bench::Suite& suite, bench::Selection& selection,
               std::vector<std::string>& notes) {
  if (selection.workloads.empty()) selection.workloads = {"preprocess"};
  if (selection.workloads != std::vector<std::string>{"preprocess"})
    throw UsageError("--data " + arguments.data + ": only preprocess takes a table");
  if (!selection.sizes.empty()) throw UsageError("--size and --data exclude each other: the table has its size");
  const auto table = Preprocess::describe(arguments.data);
  notes = table.notes;
  for (bench::Block& block : suite.blocks)
    for (KeyValues& params : block.params) {
      block.shapes = {table.shape};
      for (const auto& [key, value] : table.params) params.set(key, std::string_view(value));
    }
}

RunPlan plan_suite(const RunArguments& arguments) {
  if (!arguments.seconds_from.empty() || !arguments.check.empty())
    throw UsageError("--seconds-from and --check go with --command");
  RunPlan plan;
  plan.suite = arguments.quick ? bench::quick_suite() : bench::default_suite();
  bench::Selection selection = selection_of(arguments);
  if (!arguments.data.empty()) use_table(arguments, plan.suite, selection, plan.notes);
  plan.cells = bench::plan(plan.suite, selection);
  if (selection.narrowed() || !arguments.data.empty()) plan.suite.name = "custom";
  return plan;
}

void print_list(const RunPlan& plan) {
  for (const PlannedCell& planned : plan.cells)
    fmt::print("{}{}\n", planned.cell.name(), planned.skip.empty() ? "" : "  skipped: " + planned.skip);
}

std::vector<std::string> program_arguments(const RunArguments& arguments, const RunPlan& plan, const fs::path& folder,
                                           const std::string& workload) {
  std::vector<std::string> out = {"--out=" + folder.string(), "--cells=" + (folder / (workload + ".cells")).string(),
                                  "--seed=" + arguments.seed,
                                  fmt::format("--benchmark_min_time={}", plan.suite.sample_seconds),
                                  fmt::format("--benchmark_repetitions={}", plan.suite.repetitions)};
  // Who names a size wants it, however long it takes.
  const bool named = !arguments.sizes.empty() || !arguments.data.empty();
  out.push_back(fmt::format("--skip-above={}", named ? 0 : plan.suite.skip_above_seconds));
  if (!arguments.data.empty()) out.push_back("--data=" + arguments.data);
  for (const auto& command : arguments.commands) out.push_back("--command=" + command);
  if (!arguments.seconds_from.empty()) out.push_back("--seconds-from=" + arguments.seconds_from);
  if (!arguments.check.empty()) out.push_back("--check=" + arguments.check);
  return out;
}

// The cells of each workload, and how many samples of them will come.
std::map<std::string, std::vector<PlannedCell>> by_workload(const RunPlan& plan) {
  std::map<std::string, std::vector<PlannedCell>> out;
  for (const PlannedCell& planned : plan.cells) out[planned.cell.workload].push_back(planned);
  return out;
}

Status measure(const RunArguments& arguments, const RunPlan& plan, const fs::path& folder, const std::string& run_id,
               const std::string& system) {
  const auto workloads = by_workload(plan);
  std::int64_t samples = 0;
  std::set<std::string> ours;
  for (const auto& [workload, cells] : workloads) {
    std::string names;
    for (const PlannedCell& planned : cells) {
      names += planned.cell.name() + "\n";
      if (!planned.skip.empty()) continue;
      ours.insert(planned.cell.name());
      samples += std::int64_t{plan.suite.repetitions} * plan.suite.processes;
    }
    write_file(folder / (workload + ".cells"), names);
  }
  Progress progress(samples);
  Status status = Status::good;
  // Processes are the outer loop: the samples of a cell are spread over the whole run, so that drift hits all alike.
  for (int process = 0; process < plan.suite.processes && !interrupted(); ++process) {
    for (const auto& [workload, cells] : workloads) {
      if (interrupted()) break;
      auto program = program_arguments(arguments, plan, folder, workload);
      program.push_back(fmt::format("--process={}", process));
      program.push_back("--run-id=" + run_id);
      program.push_back("--system-id=" + system);
      const int code = launch(program_path("bench_" + workload), program, [&](const std::string& cell) {
        if (ours.contains(cell)) progress.done(cell);
      });
      if (code == static_cast<int>(Status::usage)) return worst(status, Status::usage);
      if (code > 128 && code != static_cast<int>(Status::interrupted))
        fmt::print(stderr, "overtake run: bench_{} was ended by signal {}; its rows so far are kept\n", workload,
                   code - 128);
      if (code != 0) status = worst(status, Status::failure);
    }
  }
  return interrupted() ? Status::interrupted : status;
}

void remove_cell_lists(const RunPlan& plan, const fs::path& folder) {
  for (const auto& [workload, cells] : by_workload(plan)) {
    std::error_code ignored;
    fs::remove(folder / (workload + ".cells"), ignored);
  }
}

}  // namespace

compare::Baselines baselines() {
  compare::Baselines out;
  for (const WorkloadInfo* workload : Registry::global().workloads())
    out[workload->name] = workload->name == "ceiling" ? "" : workload->baseline;
  return out;
}

Status run(const RunArguments& arguments) {
  require_seed(arguments.seed);
  RunPlan plan = arguments.commands.empty() ? plan_suite(arguments) : plan_commands(arguments);
  plan.suite.repetitions = arguments.repetitions.value_or(plan.suite.repetitions);
  plan.suite.processes = arguments.processes.value_or(plan.suite.processes);
  for (const std::string& note : plan.notes) fmt::print(stderr, "note: {}\n", note);
  if (arguments.list) {
    print_list(plan);
    return Status::good;
  }

  auto system = describe_system();
  const std::string id = system_id(system, arguments.label);
  const std::string run_id = fmt::format("{}-{}", utc_now_compact(), plan.suite.name);
  const fs::path folder = fs::path(arguments.out) / id / run_id;
  make_folders(folder);
  system["system_id"] = id;
  system["suite"] = plan.suite.name;
  system["seed"] = arguments.seed;
  system["distortions"] = distortions(system);
  if (!plan.notes.empty()) system["notes"] = plan.notes;
  write_file(folder / "system.json", system.dump(2) + "\n");

  remember_interrupt();
  const Status status = measure(arguments, plan, folder, run_id, id);
  remove_cell_lists(plan, folder);
  if (status == Status::usage) return status;
  const std::string summary = compare::summary_markdown(read_run(folder), baselines());
  write_file(folder / "summary.md", summary);
  fmt::print("{}\nResults: {}\n", summary, folder.string());
  fmt::print("Next: overtake show {0}\n      overtake compare {0} ANOTHER_RUN\n      overtake doctor\n",
             folder.string());
  return status;
}

}  // namespace overtake::cli
