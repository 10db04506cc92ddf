// SPDX-License-Identifier: Apache-2.0
#include "compare/commands.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "compare/breakeven.h"
#include "compare/compare.h"
#include "compare/other_tools/other_tools.h"
#include "compare/parallel.h"
#include "compare/scaling.h"
#include "compare/text.h"
#include "core/file.h"

namespace overtake::compare {
Status export_command(const std::filesystem::path& path, const std::filesystem::path& file, std::ostream& out) {
  const MeasuredRun run = measured_run(path);
  const auto exported = google_benchmark_json(run);
  const std::size_t samples = exported["benchmarks"].size();
  if (samples == 0) throw UsageError("'" + path.string() + "' holds no times that could be exported");
  write_file(file, exported.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  const auto left_out =
      std::count_if(run.cells.begin(), run.cells.end(), [](const Measured& cell) { return !cell.is_ok(); });
  out << fmt::format("{} of {} in {}", count_text(samples, "sample"),
                     count_text(run.cells.size() - static_cast<std::size_t>(left_out), "cell"), file.string());
  if (left_out > 0)
    out << fmt::format("; {} without a time left out", count_text(static_cast<std::size_t>(left_out), "cell"));
  out << "\n";
  return Status::good;
}

namespace {

// Names come from files: bytes that are no UTF-8 are replaced.
void print_json(const nlohmann::ordered_json& json, std::ostream& out) {
  out << json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

}  // namespace

Status show_command(const std::filesystem::path& path, const Baselines& baselines, std::ostream& out) {
  out << summary_markdown(read_run(path), baselines);
  return Status::good;
}

Status show_breakeven(const std::filesystem::path& path, const std::string& ways, Format format, std::ostream& out) {
  const WayPair pair = WayPair::parse(ways);
  const auto cells = measured_cells(read_run(path).rows);
  const BreakEvens found = break_evens(cells, pair);
  if (format == Format::json)
    print_json(break_evens_json(found), out);
  else
    out << break_evens_text(found);
  return found.empty() ? Status::missing : Status::good;
}

Status show_scaling(const std::filesystem::path& path, Format format, std::ostream& out) {
  const auto found = scalings(read_run(path));
  if (format == Format::json)
    print_json(scalings_json(found), out);
  else
    out << scalings_text(found);
  return found.empty() ? Status::missing : Status::good;
}

namespace {

bool come_from_one_system(const std::vector<std::shared_ptr<const MeasuredRun>>& runs) {
  return std::all_of(runs.begin(), runs.end(),
                     [&](const auto& run) { return run->system_id == runs.front()->system_id; });
}

Status print_best(std::vector<std::shared_ptr<const MeasuredRun>> runs, const CompareRequest& request,
                  std::ostream& out) {
  const BestComparison best =
      best_of(std::move(runs), request.options.limits, request.options.baselines, request.hourly_prices);
  if (request.format == Format::json)
    print_json(best_json(best), out);
  else
    out << (request.format == Format::markdown ? best_markdown(best) : best_text(best));
  return best.status();
}

Status print_rows(const std::vector<std::shared_ptr<const MeasuredRun>>& runs, const CompareRequest& request,
                  std::ostream& out) {
  // Never freed: with large runs that takes longer than printing, and the process ends here.
  static auto& comparisons = *new std::vector<Comparison>;
  comparisons.clear();
  for (std::size_t i = 1; i < runs.size(); ++i)
    comparisons.push_back(compare_runs(runs.front(), runs[i], request.options));
  Status status = Status::good;
  auto json = nlohmann::ordered_json::array();
  for (const Comparison& comparison : comparisons) {
    status = worst(status, comparison.status());
    const bool is_first = &comparison == &comparisons.front();
    if (request.format == Format::json)
      json.push_back(comparison_json(comparison));
    else if (request.format == Format::markdown)
      out << (is_first ? "" : "\n") << comparison_markdown(comparison);
    else
      out << (is_first ? "" : "\n" + std::string(100, '-') + "\n") << comparison_text(comparison);
  }
  if (request.format == Format::json) print_json(json.size() == 1 ? json[0] : json, out);
  return status;
}

}  // namespace

Status compare_command(std::span<const std::filesystem::path> paths, const CompareRequest& request, std::ostream& out) {
  const bool within_one = request.options.by.kind != Dimension::Kind::system;
  if (paths.empty() || (paths.size() < 2 && !within_one))
    throw UsageError("compare needs at least two runs: give their folders or CSVs, the one to compare with first");
  // Runs of a million rows are a million small allocations: memory in large steps, none given back in between, took 12
  // and 27 % off the whole in two pairs of comparisons.
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  std::vector<std::shared_ptr<const MeasuredRun>> runs(paths.size());
  for_each_index(paths.size(),
                 [&](std::size_t i) { runs[i] = std::make_shared<const MeasuredRun>(measured_run(paths[i])); });
  if (runs.size() == 1) runs.push_back(runs.front());
  if (request.best.value_or(!within_one && !come_from_one_system(runs))) return print_best(runs, request, out);
  if (!request.hourly_prices.empty())
    throw UsageError("--hourly-price goes with --best: these runs come from one system, or --by was given");
  return print_rows(runs, request, out);
}

}  // namespace overtake::compare
