// SPDX-License-Identifier: Apache-2.0
// The part of compare.h that lays a comparison out for people.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "compare/compare.h"
#include "compare/parallel.h"
#include "compare/table.h"
#include "compare/text.h"

namespace overtake::compare {
namespace {

using Align = Table::Align;

constexpr std::array<Verdict, 7> kVerdicts = {Verdict::slower,    Verdict::faster,          Verdict::same,
                                              Verdict::undecided, Verdict::machine_changed, Verdict::not_comparable,
                                              Verdict::missing};

// What the rows below it have in common: "m=n=k=1024, f32, kernel, pad=3".
std::string group_text(const Cell& cell) {
  std::string text = shape_text(cell.shape);
  if (cell.dtype != Dtype::none) text += fmt::format(", {}", to_string(cell.dtype));
  text += fmt::format(", {}", to_string(cell.scope));
  for (const auto& [key, value] : cell.params) text += ", " + key + "=" + value;
  return text;
}

std::string workers_text(const ComparedCell& cell) {
  const std::string base = cell.base != nullptr ? cell.base->workers_text() : "",
                    other = cell.other != nullptr ? cell.other->workers_text() : "";
  if (base.empty() || other.empty() || base == other) return base.empty() ? other : base;
  return base + " → " + other;
}

std::string subject_text(const ComparedCell& cell, const Dimension& by) {
  std::string name = printable(cell.cell.variant, 40);
  if (by.kind == Dimension::Kind::system || by.kind == Dimension::Kind::workers || cell.base == nullptr ||
      cell.other == nullptr)
    return name;
  const std::string from = printable(by.value_of(cell.base->cell), 30),
                    to = printable(by.value_of(cell.other->cell), 30);
  return by.kind == Dimension::Kind::variant ? from + " → " + to : name + " " + from + " → " + to;
}

// Rates are shown the right way up: above 1 is faster.
Ratio shown(const Ratio& ratio, Metric metric) { return metric == Metric::rate ? ratio.inverse() : ratio; }

std::string interval_text(const Ratio& ratio) {
  if (!ratio.has_interval) return "none";
  return ratio_text(ratio.low) + " – " + ratio_text(ratio.high);
}

std::string verdict_text(const ComparedCell& cell) {
  std::string text(to_string(cell.verdict));
  if (cell.verdict == Verdict::undecided && cell.has_ratio())
    text += cell.more_units ? fmt::format(": {} a side would decide",
                                          count_text(*cell.more_units,
                                                     cell.ratio.unit == Unit::samples ? "more sample" : "more process"))
                            : ": no realistic number of samples decides";
  if (!cell.why.empty()) text += ": " + printable(cell.why, 70);
  if (cell.has_ratio() && !cell.base->verified) text += " (answers unchecked)";
  return text;
}

std::string value_text(const ComparedCell& cell, const Measured* side, const Processes& costs, Metric metric) {
  if (side == nullptr || !side->is_ok()) return "";
  // What a probe did in its time follows from the machine, so that only its rate says something.
  const bool is_probe = cell.cell.workload == "ceiling" && side->has_work();
  if (metric == Metric::seconds && !is_probe) return duration_text(side->median());
  if (costs.empty()) return "";
  if (metric == Metric::cpu_seconds) return duration_text(median_of_processes(costs));
  return rate_text(cell.cell.shape, side->flops, side->bytes, side->median());
}

std::vector<std::string> row_of(const ComparedCell& cell, const CompareOptions& options) {
  const bool has_ratio = cell.has_ratio();
  const Ratio ratio = shown(cell.ratio, options.metric);
  return {"  " + subject_text(cell, options.by),
          workers_text(cell),
          value_text(cell, cell.base, cell.base_costs, options.metric),
          value_text(cell, cell.other, cell.other_costs, options.metric),
          has_ratio ? ratio_text(ratio.estimate) : "",
          has_ratio ? interval_text(ratio) : "",
          verdict_text(cell)};
}

std::string mean_text(const Comparison& comparison, const std::string& workload) {
  const std::string name = printable(workload);
  for (const auto& [of, mean] : comparison.means) {
    if (of != workload || mean.rows == 0) continue;
    const bool turned = comparison.options.metric == Metric::rate;
    const double low = turned ? 1 / mean.high : mean.low, high = turned ? 1 / mean.low : mean.high;
    return fmt::format(
        "{}: geometric mean of the ratios {}{} ({})\n", name, ratio_text(turned ? 1 / mean.estimate : mean.estimate),
        mean.has_interval ? fmt::format(", 95 % interval {} – {}", ratio_text(low), ratio_text(high)) : "",
        count_text(mean.rows, "row"));
  }
  return fmt::format("{}: no row whose times can be compared\n", name);
}

std::string workload_text(const Comparison& comparison, const std::string& workload,
                          const std::vector<const ComparedCell*>& cells) {
  Table table({{printable(workload)},
               {"workers", Align::right},
               {"base", Align::right},
               {"other", Align::right},
               {"ratio", Align::right},
               {"95 % interval"},
               {"verdict"}});
  std::vector<std::string> group(cells.size()), order;
  std::vector<std::vector<std::string>> rows(cells.size());
  for_each_index(cells.size(), [&](std::size_t i) {
    group[i] = group_text(cells[i]->cell);
    rows[i] = row_of(*cells[i], comparison.options);
  });
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::vector<std::size_t>& members = groups[group[i]];
    if (members.empty()) order.push_back(group[i]);
    members.push_back(i);
  }
  for (const std::string& name : order) {
    table.add_heading(name);
    for (const std::size_t i : groups[name]) table.add(std::move(rows[i]));
  }
  return table.to_text() + mean_text(comparison, workload) + "\n";
}

std::string systems_text(const Comparison& comparison) {
  const MeasuredRun &from = *comparison.base, &to = *comparison.other;
  std::string out = fmt::format("base   {}\nother  {}\n\n", printable(from.label), printable(to.label));
  const std::string base = printable(from.system_id), other = printable(to.system_id);
  out += comparison.same_system ? fmt::format("One system: {}.", base)
         : base.empty() || other.empty()
             ? "Which systems these are is not known: rows carry no system_id."
             : fmt::format("Two systems: {} and {}. The ratio is theirs, not one program's.", base, other);
  out += '\n';
  if (comparison.differences.empty()) return out + "No recorded field of the machine or the software differs.\n\n";
  if (const std::string cause = attribution(comparison.differences); !cause.empty()) out += cause + "\n";
  return out + fmt::format("{}:\n{}\n",
                           comparison.differences.size() == 1
                               ? "One recorded field differs"
                               : fmt::format("{} recorded fields differ", comparison.differences.size()),
                           differences_text(comparison.differences));
}

// How the figures are to be read: only what matters for these.
std::string legend_text(const Comparison& comparison) {
  const Limits& limits = comparison.options.limits;
  std::string out = fmt::format(
      "ratio: {} of other / base (Hodges-Lehmann), above 1 is {}. slower, faster: p < {:g} after correction for all "
      "rows\n"
      "(Holm), and a change beyond the margin: {} or the noise floor. same within noise: no change beyond the "
      "margin.\n",
      comparison.options.metric == Metric::rate          ? "rate"
      : comparison.options.metric == Metric::cpu_seconds ? "CPU time"
                                                         : "time",
      comparison.options.metric == Metric::rate ? "faster" : "slower", limits.alpha, percent_text(limits.threshold));
  for (const MeanOfWorkload& mean : comparison.means) {
    const auto has_floor = [&](const ComparedCell& cell) {
      return cell.cell.workload == mean.workload && cell.noise_floor > 0;
    };
    const auto cell = std::find_if(comparison.cells.begin(), comparison.cells.end(), has_floor);
    if (cell != comparison.cells.end())
      out += fmt::format("noise floor of {}: {} (A/A rows of these runs).\n", printable(mean.workload),
                         percent_text(cell->noise_floor));
  }
  if (comparison.count(Verdict::machine_changed) > 0)
    out += fmt::format("machine changed: the row's ceiling moved by more than {} between two runs of one system.\n",
                       percent_text(limits.ceiling_moved));
  const auto has = [&](Unit unit) {
    return std::any_of(comparison.cells.begin(), comparison.cells.end(),
                       [&](const ComparedCell& cell) { return cell.has_ratio() && cell.ratio.unit == unit; });
  };
  if (has(Unit::samples))
    out += has(Unit::processes)
               ? "Some rows have a single process a side: differences between processes were not seen in these.\n"
               : "One process a side: differences between processes were not seen (use --processes).\n";
  if (std::any_of(comparison.cells.begin(), comparison.cells.end(),
                  [](const ComparedCell& cell) { return cell.has_ratio() && !cell.ratio.has_interval; }))
    out += "interval none: too few processes or samples for 95 %, or a time of 0.\n";
  return out;
}

std::string counts_text(const Comparison& comparison) {
  std::vector<std::string> parts;
  for (const Verdict verdict : kVerdicts)
    if (const std::size_t count = comparison.count(verdict); count > 0)
      parts.push_back(fmt::format("{} {}", count, to_string(verdict)));
  std::string out = count_text(comparison.cells.size(), "row") + (parts.empty() ? "" : ": " + list_text(parts)) + ".";
  if (!comparison.skipped_in_both.empty())
    out += fmt::format(" {} skipped in both.", count_text(comparison.skipped_in_both.size(), "cell"));
  return out + "\n";
}

}  // namespace

std::string comparison_text(const Comparison& comparison) {
  std::string out = systems_text(comparison);
  std::vector<std::string> order;
  std::map<std::string, std::vector<const ComparedCell*>> workloads;
  for (const ComparedCell& cell : comparison.cells) {
    auto& cells = workloads[cell.cell.workload];
    if (cells.empty()) order.push_back(cell.cell.workload);
    cells.push_back(&cell);
  }
  for (const std::string& workload : order) out += workload_text(comparison, workload, workloads[workload]);
  if (comparison.cells.empty()) out += "Neither run measured anything.\n\n";
  out += legend_text(comparison) + "\n" + counts_text(comparison);
  for (const std::string& note : comparison.notes) out += fmt::format("Note: {}\n", printable(note, 1000));
  return out;
}

}  // namespace overtake::compare
