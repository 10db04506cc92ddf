// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "cli/break_even.h"
#include "cli/launch.h"
#include "cli/measure.h"
#include "cli/resume.h"
#include "cli/run_download.h"
#include "core/file.h"
#include "core/registry/registry.h"
#include "core/results/reader.h"
#include "core/system/gpu_choice.h"
#include "core/system/system.h"
#include "core/time.h"

namespace overtake::cli {
namespace {

namespace fs = std::filesystem;

void print_list(const RunPlan& plan) {
  for (const bench::PlannedCell& planned : plan.cells)
    fmt::print("{}{}\n", planned.cell.name(), planned.skip.empty() ? "" : "  skipped: " + planned.skip);
}

// A folder of its own with the description of the machine, or the one that is resumed.
Place place_of_run(const RunArguments& arguments, const RunPlan& plan) {
  auto system = describe_system();
  const std::string id = system_id(system, arguments.label);
  system["system_id"] = id;
  system["suite"] = plan.suite.name;
  system["seed"] = arguments.seed;
  system["arguments"] = arguments.written;
  system["programs"] = programs_hash();
  if (!arguments.resume.empty()) return resumed_place(arguments.resume, system);
  Place place{.run_id = fmt::format("{}-{}", utc_now_compact(), plan.suite.name), .system_id = id};
  place.folder = fs::path(arguments.out) / id / place.run_id;
  make_folders(place.folder);
  system["distortions"] = distortions(system);
  if (!plan.notes.empty()) system["notes"] = plan.notes;
  write_file(place.folder / "system.json", system.dump(2) + "\n");
  return place;
}

}  // namespace

compare::Baselines baselines() {
  compare::Baselines out;
  for (const WorkloadInfo* workload : Registry::global().workloads())
    out[workload->name] = workload->name == "ceiling" ? "" : workload->baseline;
  return out;
}

Status run(const RunArguments& asked) {
  if (!asked.gpus.empty()) use_gpus(asked.gpus);
  const RunArguments arguments = asked.breakeven ? narrowed_to_ways(asked) : asked;
  const RunPlan plan = plan_run(arguments);
  for (const std::string& note : plan.notes) fmt::print(stderr, "note: {}\n", note);
  if (arguments.list) {
    print_list(plan);
    return Status::good;
  }
  const Place place = place_of_run(arguments, plan);
  remember_interrupt();
  const Status status =
      arguments.breakeven ? search_break_even(arguments, plan, place) : measure(arguments, plan, place);
  if (status == Status::usage) return status;
  if (arguments.talk) fmt::print("{}\n", talk_text(read_run(place.folder), arguments.scale));
  const std::string summary = compare::summary_markdown(read_run(place.folder), baselines());
  write_file(place.folder / "summary.md", summary);
  const std::string folder = place.folder.string();
  fmt::print("{}\nResults: {}\n", summary, folder);
  if (status == Status::interrupted) fmt::print("Next: overtake run --resume {}\n", folder);
  fmt::print("{} overtake show {}\n      overtake compare {} ANOTHER_RUN\n      overtake doctor\n",
             status == Status::interrupted ? "     " : "Next:", folder, folder);
  return status;
}

}  // namespace overtake::cli
