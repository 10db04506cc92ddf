// SPDX-License-Identifier: Apache-2.0
#include "cli/run_download.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "compare/table.h"
#include "core/error.h"
#include "core/workload/download.h"
#include "io/download/engine/ground.h"

namespace overtake::cli {
namespace {

constexpr std::int64_t kUnaskedRequests = 1000;

// A talk's table of downloading 100 images, 598 ms each one after another (59.8 s); how many its asynchronous way had
// in flight is not stated.
struct Published {
  const char* variant;
  std::int64_t in_flight;
  double seconds;
};
constexpr std::int64_t kTalkFiles = 100;
constexpr double kTalkLatency = 0.598;
constexpr Published kTalk[] = {
    {"sequential", 1, 59.8}, {"threads", 10, 6.12}, {"processes", 5, 8.56}, {"async", 8, 7.42}, {"async", 100, 7.42}};

std::int64_t rounds_of(std::int64_t in_flight) { return (kTalkFiles + in_flight - 1) / in_flight; }

double bound_of(std::int64_t in_flight, double scale) {
  return static_cast<double>(rounds_of(in_flight)) * kTalkLatency * scale;
}

void require_download(const RunArguments& arguments, const char* flag) {
  for (const std::string& workload : arguments.workloads)
    if (workload != "download") throw UsageError(fmt::format("{} goes with the workload download alone", flag));
  if (!arguments.sizes.empty() || !arguments.data.empty() || arguments.quick || arguments.budget || arguments.breakeven)
    throw UsageError(fmt::format("{} excludes --size, --data, --quick, --budget and --breakeven", flag));
}

std::string seconds_text(double seconds) { return fmt::format("{:.4g} s", seconds); }

// The median would be the same: one sample each.
std::string measured_text(const Run& run, const Published& way) {
  for (const Row& row : run.rows)
    if (row.variant == way.variant && row.params.find("in_flight") == std::to_string(way.in_flight))
      return row.seconds && row.status == RowStatus::ok ? seconds_text(*row.seconds)
                                                        : std::string(to_string(row.status));
  return "not measured";
}

}  // namespace

void use_urls(const RunArguments& arguments, bench::Suite& suite, bench::Selection& selection) {
  require_download(arguments, "--urls");
  selection.workloads = {"download"};
  const std::string list = download::normalised_list(arguments.urls);
  KeyValues shape;
  shape.set("files", static_cast<std::int64_t>(std::ranges::count(list, '\n')));
  for (bench::Block& block : suite.blocks) {
    block.shapes = {shape};
    for (KeyValues& params : block.params)
      params.set("urls", std::filesystem::path(arguments.urls).filename().string());
  }
}

void use_sizes(bench::Suite& suite, bench::Selection& selection) {
  std::vector<bench::Block> blocks;
  for (const std::string& size : selection.sizes) {
    const KeyValues shape = Download::parse_size(size);
    const std::size_t before = blocks.size();
    for (const bench::Block& block : suite.blocks)
      if (Download::parse_size(block.sizes.front()) == shape) blocks.push_back(block);
    if (blocks.size() > before) continue;
    bench::Block own = bench::urls_suite().blocks.front();
    own.sizes = {size};
    blocks.push_back(own);
  }
  suite.blocks = blocks;
  suite.name = "custom";
  selection.sizes.clear();
}

void announce_requests(const RunArguments& arguments, RunPlan& plan) {
  std::int64_t requests = 0, files = 0;
  for (const bench::PlannedCell& planned : plan.cells) {
    if (!planned.skip.empty()) continue;
    files = planned.cell.shape.integer("files");
    requests += files * planned.cell.params.integer(kCallsParam, 1) * plan.suite.repetitions * plan.suite.processes;
  }
  const std::string sentence =
      fmt::format("{} requests for the {} URLs of {}, more where an attempt fails and is tried again", requests, files,
                  arguments.urls);
  if (requests > kUnaskedRequests && !arguments.yes && !arguments.list)
    throw UsageError(
        fmt::format("this run would make {}: say --yes if that is all right with whoever serves them", sentence));
  plan.notes.push_back("this run makes " + sentence);
}

RunPlan plan_talk(const RunArguments& arguments) {
  require_download(arguments, "--talk");
  if (!arguments.variants.empty() || !arguments.strategies.empty() || !arguments.dtypes.empty() ||
      !arguments.scopes.empty() || !arguments.params.empty() || !arguments.workers.empty() || !arguments.urls.empty())
    throw UsageError("--talk replays one table: only --scale changes it");
  if (!(arguments.scale > 0 && arguments.scale <= 10)) throw UsageError("--scale: a number above 0, at most 10");
  RunPlan plan;
  plan.suite = {"talk", {}, 0, 1, 1, 0};
  plan.has_twins = false;
  for (const Published& way : kTalk) {
    Cell cell{.workload = "download", .variant = way.variant, .workers = {1}};
    cell.shape.set("files", kTalkFiles);
    cell.shape.set("bytes", std::int64_t{100000});
    cell.params.set("in_flight", way.in_flight);
    cell.params.set("latency_ms", fmt::format("{:g}", kTalkLatency * 1000 * arguments.scale));
    plan.cells.push_back(bench::planned(cell));
  }
  return plan;
}

std::string talk_text(const Run& run, double scale) {
  using Align = compare::Table::Align;
  compare::Table table({{"way"},
                        {"in flight", Align::right},
                        {"published", Align::right},
                        {"here", Align::right},
                        {"least possible", Align::right}});
  for (const Published& way : kTalk)
    table.add({way.variant, std::to_string(way.in_flight), seconds_text(way.seconds * scale), measured_text(run, way),
               seconds_text(bound_of(way.in_flight, scale))});
  std::string out = fmt::format(
      "{} images that take {:.4g} ms each{}; least possible: ceil({} / in flight) times that\n\n{}\n", kTalkFiles,
      kTalkLatency * 1000 * scale, scale == 1 ? "" : fmt::format(" (published times and waits x {:g})", scale),
      kTalkFiles, table.to_markdown());
  out += "How many the published async had in flight is not stated: it stands beside 8 and 100.\n";
  for (const Published& way : kTalk)
    if (way.seconds < bound_of(way.in_flight, 1) && way.variant != std::string("async"))
      out += fmt::format(
          "The published {} s of {} {} lie under what so many, one transfer at a time in each, can do: {} ({} x {} s). "
          "More was in flight there, or its files took less.\n",
          way.seconds, way.in_flight, way.variant, seconds_text(bound_of(way.in_flight, 1)), rounds_of(way.in_flight),
          kTalkLatency);
  return out;
}

}  // namespace overtake::cli
