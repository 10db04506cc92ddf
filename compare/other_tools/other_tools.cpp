// SPDX-License-Identifier: Apache-2.0
// The parts of other_tools.h that belong to no single tool: which tool wrote a file, and ours as Google Benchmark's.
#include "compare/other_tools/other_tools.h"

#include <algorithm>

namespace overtake::compare {
namespace {

using nlohmann::ordered_json;

constexpr const char* kAccepted =
    "accepted are Google Benchmark's JSON (--benchmark_out=FILE --benchmark_out_format=json), nvbench's CSV (--csv "
    "FILE) "
    "and BabelStream's CSV (--csv)";

bool has_line_starting(std::string_view text, std::string_view start) {
  while (!text.starts_with(start)) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return false;
    text.remove_prefix(end + 1);
  }
  return true;
}

double cpu_seconds_of(const Measured& cell, std::size_t process, std::size_t sample) {
  return cell.cpu_seconds.empty() ? 0 : cell.cpu_seconds[process][sample];
}

// One entry for each sample, all processes in a row.
void add_benchmarks(const Measured& cell, std::size_t family, ordered_json& benchmarks) {
  const std::string name = cell.cell.name();
  const std::size_t repetitions = cell.all_samples().size();
  std::size_t repetition = 0;
  for (std::size_t p = 0; p < cell.seconds.size(); ++p)
    for (std::size_t s = 0; s < cell.seconds[p].size(); ++s) {
      ordered_json entry = {{"name", name}, {"family_index", family}, {"per_family_instance_index", 0}};
      entry["run_name"] = name;
      entry["run_type"] = "iteration";
      entry["repetitions"] = repetitions;
      entry["repetition_index"] = repetition++;
      entry["threads"] = cell.workers.value_or(std::max(cell.cell.workers.count, 1));
      entry["iterations"] = 1;  // seconds are of one run, whatever it is an average of
      entry["real_time"] = cell.seconds[p][s] * 1e9;
      entry["cpu_time"] = cpu_seconds_of(cell, p, s) * 1e9;
      entry["time_unit"] = "ns";
      entry["process"] = p;
      if (cell.flops) entry["flops"] = *cell.flops;
      if (cell.bytes) entry["bytes"] = *cell.bytes;
      benchmarks.push_back(std::move(entry));
    }
}

}  // namespace

Imported parse_other_tool(std::string_view text, const std::string& name) {
  const std::size_t start = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (start == text.npos) throw UsageError(name + ": is empty: " + kAccepted);
  const std::string_view body = text.substr(start);
  if (body.starts_with('{')) return parse_google_benchmark(text, name);
  if (has_line_starting(body, "function,")) return parse_babelstream(text, name);
  const std::string_view header = body.substr(0, body.find_first_of("\r\n"));
  if (header.starts_with("Benchmark,") && header.find("Skipped") != header.npos) return parse_nvbench(text, name);
  if (header.starts_with("schema_version,"))
    throw UsageError(name + ": is a results CSV of overtake itself: show and compare read it as it is");
  if (has_line_starting(body, "name,iterations,real_time"))
    throw UsageError(name + ": Google Benchmark's CSV does not say what it leaves out: " + kAccepted);
  throw UsageError(name + ": not known who wrote this: " + kAccepted);
}

ordered_json google_benchmark_json(const MeasuredRun& run) {
  ordered_json context = {{"executable", "overtake"}};
  if (run.system.is_object() && run.system.contains("logical_cpus") && run.system["logical_cpus"].is_number())
    context["num_cpus"] = run.system["logical_cpus"];
  context["system_id"] = run.system_id;
  context["run"] = run.label;
  ordered_json benchmarks = ordered_json::array();
  std::size_t family = 0;
  for (const Measured& cell : run.cells)
    if (cell.is_ok()) add_benchmarks(cell, family++, benchmarks);
  return {{"context", std::move(context)}, {"benchmarks", std::move(benchmarks)}};
}

}  // namespace overtake::compare
