// SPDX-License-Identifier: Apache-2.0
// The part of compare.h that lays a comparison out for machines.
#include "compare/compare.h"
#include "compare/json.h"

namespace overtake::compare {
namespace {

using nlohmann::ordered_json;

ordered_json side_json(const Measured* side, const Processes& costs) {
  if (side == nullptr) return nullptr;
  ordered_json out = {{"variant", side->cell.variant}, {"workers_asked", side->cell.workers.to_string()}};
  out["status"] = to_string(side->status);
  if (!side->reason.empty()) out["status_reason"] = side->reason;
  out["verified"] = side->is_ok() && side->verified;
  if (!side->library.empty()) out["library"] = side->library;
  if (side->is_ok()) out["seconds"] = json_number(side->median());
  if (!costs.empty()) {
    std::size_t samples = 0;
    for (const auto& process : costs) samples += process.size();
    out["processes"] = costs.size();
    out["samples"] = samples;
  }
  if (side->ceiling_fraction) out["ceiling_fraction"] = json_number(*side->ceiling_fraction);
  return out;
}

// As it is shown: a ratio of rates is turned round, but the sides stay what they are.
ordered_json ratio_json(const Ratio& ratio, Metric metric) {
  Ratio shown = metric == Metric::rate ? ratio.inverse() : ratio;
  shown.base_units = ratio.base_units;
  shown.other_units = ratio.other_units;
  return json_ratio(shown);
}

ordered_json row_json(const ComparedCell& cell, Metric metric) {
  const Cell& name = cell.cell;
  ordered_json out = {{"workload", name.workload}, {"variant", name.variant}};
  out["dtype"] = to_string(name.dtype);
  out["scope"] = to_string(name.scope);
  out["shape"] = json_object(name.shape);
  out["params"] = json_object(name.params);
  out["workers_asked"] = name.workers.to_string();
  out["verdict"] = to_string(cell.verdict);
  if (!cell.why.empty()) out["why"] = cell.why;
  if (cell.has_ratio()) {
    out["ratio"] = ratio_json(cell.ratio, metric);
    out["corrected_p"] = cell.corrected_p;
    out["noise_floor"] = json_number(cell.noise_floor);
  }
  if (cell.more_units) out["more_units"] = *cell.more_units;
  if (cell.ceiling_ratio) out["ceiling_ratio"] = json_number(*cell.ceiling_ratio);
  if (const auto share = cell.share_ratio()) out["share_of_ceiling_ratio"] = json_number(*share);
  out["base"] = side_json(cell.base, cell.base_costs);
  out["other"] = side_json(cell.other, cell.other_costs);
  return out;
}

ordered_json run_json(const MeasuredRun& run) {
  return {{"label", run.label}, {"system_id", run.system_id}, {"git_revision", run.git_revision}};
}

}  // namespace

ordered_json comparison_json(const Comparison& comparison) {
  const CompareOptions& options = comparison.options;
  ordered_json out = {{"base", run_json(*comparison.base)}, {"other", run_json(*comparison.other)}};
  out["same_system"] = comparison.same_system;
  out["by"] = options.by.to_string();
  out["metric"] = to_string(options.metric);
  out["threshold"] = options.limits.threshold;
  out["alpha"] = options.limits.alpha;
  out["attribution"] = attribution(comparison.differences);
  out["differences"] = ordered_json::array();
  for (const Difference& difference : comparison.differences)
    out["differences"].push_back({{"field", difference.field}, {"base", difference.base}, {"other", difference.other}});
  out["geometric_means"] = ordered_json::array();
  for (const auto& [workload, mean] : comparison.means) {
    const bool turned = options.metric == Metric::rate;
    ordered_json entry = {{"workload", workload}, {"rows", mean.rows}};
    entry["estimate"] = json_number(turned ? 1 / mean.estimate : mean.estimate);
    entry["low"] = mean.has_interval ? json_number(turned ? 1 / mean.high : mean.low) : ordered_json(nullptr);
    entry["high"] = mean.has_interval ? json_number(turned ? 1 / mean.low : mean.high) : ordered_json(nullptr);
    out["geometric_means"].push_back(std::move(entry));
  }
  out["rows"] = ordered_json::array();
  for (const ComparedCell& cell : comparison.cells) out["rows"].push_back(row_json(cell, options.metric));
  out["skipped_in_both"] = ordered_json::array();
  for (const Cell& cell : comparison.skipped_in_both) out["skipped_in_both"].push_back(cell.name());
  out["notes"] = comparison.notes;
  out["status"] = static_cast<int>(comparison.status());
  return out;
}

}  // namespace overtake::compare
