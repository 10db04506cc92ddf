// SPDX-License-Identifier: Apache-2.0
#include "cli/run_plan.h"

#include <algorithm>
#include <charconv>

#include "bench/harness/command.h"
#include "cli/run_download.h"
#include "core/csv/number.h"
#include "core/error.h"
#include "core/workload/preprocess.h"
#include "core/workload/read_csv.h"

namespace overtake::cli {
namespace {

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

double number_of(const std::string& text) { return parse_double(text).value_or(-1); }

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
  const std::string workload = selection.workloads.size() == 1 ? selection.workloads.front() : "";
  if (workload != "preprocess" && workload != "read_csv" && workload != "summarize")
    throw UsageError("--data " + arguments.data +
                     ": preprocess, read_csv or summarize takes a table, one of them at a time");
  if (!selection.sizes.empty()) throw UsageError("--size and --data exclude each other: the table has its size");
  const auto table = Preprocess::describe(arguments.data);
  notes = table.notes;
  const KeyValues shape = workload == "read_csv" ? ReadCsv::describe(arguments.data) : table.shape;
  for (bench::Block& block : suite.blocks)
    for (KeyValues& params : block.params) {
      block.shapes = {shape};
      for (const auto& [key, value] : table.params) params.set(key, std::string_view(value));
    }
}

// The slices of downloads take minutes: they are a suite of their own, for who asks for downloads.
bench::Suite suite_of(const RunArguments& arguments) {
  if (!arguments.urls.empty()) return bench::urls_suite();
  if (arguments.quick) return bench::quick_suite();
  return arguments.workloads == std::vector<std::string>{"download"} ? bench::download_suite() : bench::default_suite();
}

std::size_t of_workloads(const bench::Suite& suite, const std::vector<std::string>& workloads) {
  return static_cast<std::size_t>(std::ranges::count_if(suite.blocks, [&](const bench::Block& block) {
    return std::ranges::find(workloads, block.workload) != workloads.end();
  }));
}

RunPlan plan_suite(const RunArguments& arguments) {
  if (!arguments.seconds_from.empty() || !arguments.check.empty())
    throw UsageError("--seconds-from and --check go with --command");
  RunPlan plan;
  plan.suite = suite_of(arguments);
  bench::Selection selection = selection_of(arguments);
  if (!arguments.data.empty()) use_table(arguments, plan.suite, selection, plan.notes);
  if (!arguments.urls.empty()) use_urls(arguments, plan.suite, selection);
  if (plan.suite.name.starts_with("download.") && !selection.sizes.empty()) use_sizes(plan.suite, selection);
  plan.cells = bench::plan(plan.suite, selection);
  const bool is_whole_suite = plan.suite.blocks.size() == of_workloads(plan.suite, selection.workloads);
  if (is_whole_suite) selection.workloads.clear();
  if (selection.narrowed() || !arguments.data.empty()) plan.suite.name = "custom";
  return plan;
}

}  // namespace

double parse_duration(const std::string& flag, const std::string& text) {
  double unit = 1;
  std::string number = text;
  if (!text.empty() && (text.back() == 's' || text.back() == 'm' || text.back() == 'h')) {
    unit = text.back() == 's' ? 1 : text.back() == 'm' ? 60 : 3600;
    number.pop_back();
  }
  const double seconds = unit * number_of(number);
  if (!(seconds > 0 && seconds < 1e9))
    throw UsageError(flag + " " + text + ": expected a time such as 10m, 90s or 1.5h");
  return seconds;
}

RunPlan plan_run(const RunArguments& arguments) {
  require_seed(arguments.seed);
  if (arguments.talk) return plan_talk(arguments);
  RunPlan plan = arguments.commands.empty() ? plan_suite(arguments) : plan_commands(arguments);
  plan.suite.repetitions = arguments.repetitions.value_or(plan.suite.repetitions);
  plan.suite.processes = arguments.processes.value_or(plan.suite.processes);
  if (arguments.budget) {
    if (arguments.processes) throw UsageError("--budget and --processes exclude each other: the time decides how many");
    plan.budget_seconds = parse_duration("--budget", *arguments.budget);
  }
  if (!arguments.urls.empty()) {
    plan.has_twins = false;  // requests that nobody asked for
    announce_requests(arguments, plan);
  }
  return plan;
}

}  // namespace overtake::cli
