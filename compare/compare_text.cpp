// SPDX-License-Identifier: Apache-2.0
// The part of compare.h that lays a comparison out for people.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "compare/compare.h"
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
  const std::string base = cell.base ? cell.base->workers_text() : "",
                    other = cell.other ? cell.other->workers_text() : "";
  if (base.empty() || other.empty() || base == other) return base.empty() ? other : base;
  return base + " → " + other;
}

std::string interval_text(const Ratio& ratio) {
  if (!ratio.has_interval()) return "none";
  return ratio_text(ratio.low) + " – " + ratio_text(ratio.high);
}

std::string verdict_text(const ComparedCell& cell) {
  std::string text(to_string(cell.verdict));
  if (!cell.why.empty()) text += ": " + printable(cell.why, 60);
  if (cell.both_ok() && !cell.both_verified()) text += " (answers unchecked)";
  return text;
}

void add_row(Table& table, const ComparedCell& cell) {
  const auto time = [](const std::optional<Measured>& side) {
    return side && side->is_ok() ? duration_text(side->median()) : "";
  };
  const bool has_ratio = cell.both_ok();
  table.add({"  " + printable(cell.cell.variant, 40), workers_text(cell), time(cell.base), time(cell.other),
             has_ratio ? ratio_text(cell.ratio.estimate) : "", has_ratio ? interval_text(cell.ratio) : "",
             verdict_text(cell)});
}

// Geometric mean over the rows whose times may be compared.
std::string mean_text(const std::string& workload, const std::vector<const ComparedCell*>& cells) {
  std::vector<double> ratios;
  for (const ComparedCell* cell : cells)
    if (cell->both_ok() && cell->verdict != Verdict::machine_changed && std::isfinite(cell->ratio.estimate) &&
        cell->ratio.estimate > 0)
      ratios.push_back(cell->ratio.estimate);
  const std::string name = printable(workload);
  if (ratios.empty()) return fmt::format("{}: no row whose times can be compared\n", name);
  return fmt::format("{}: geometric mean of the ratios {} ({})\n", name, ratio_text(geometric_mean(ratios)),
                     count_text(ratios.size(), "row"));
}

std::string workload_text(const std::string& workload, const std::vector<const ComparedCell*>& cells) {
  Table table({{printable(workload)},
               {"workers", Align::right},
               {"base", Align::right},
               {"other", Align::right},
               {"ratio", Align::right},
               {"95 % interval"},
               {"verdict"}});
  std::vector<std::string> order;
  std::map<std::string, std::vector<const ComparedCell*>> groups;
  for (const ComparedCell* cell : cells) {
    const std::string group = group_text(cell->cell);
    if (groups[group].empty()) order.push_back(group);
    groups[group].push_back(cell);
  }
  for (const std::string& group : order) {
    table.add_heading(group);
    for (const ComparedCell* cell : groups[group]) add_row(table, *cell);
  }
  return table.to_text() + mean_text(workload, cells) + "\n";
}

std::string systems_text(const Comparison& comparison) {
  std::string out =
      fmt::format("base   {}\nother  {}\n\n", printable(comparison.base_name), printable(comparison.other_name));
  const std::string base = printable(comparison.base_system), other = printable(comparison.other_system);
  out += comparison.same_system ? fmt::format("One system: {}.", base)
         : base.empty() || other.empty()
             ? "Which systems these are is not known: rows carry no system_id."
             : fmt::format("Two systems: {} and {}. The ratio is theirs, not one program's.", base, other);
  out += '\n';
  if (comparison.differences.empty())
    out += "No recorded field of the machine or the software differs.\n";
  else
    out += fmt::format("{}:\n{}",
                       comparison.differences.size() == 1
                           ? "One recorded field differs"
                           : fmt::format("{} recorded fields differ", comparison.differences.size()),
                       differences_text(comparison.differences));
  return out + "\n";
}

// How the figures are to be read: only what matters for these.
std::string legend_text(const Comparison& comparison) {
  std::string out = fmt::format(
      "ratio: median time of other / base, above 1 is slower. slower, faster: the interval excludes 1 and the change "
      "is\n"
      "beyond {}. same within noise: no such change, and one of {} is excluded. undecided: {} is not excluded.\n",
      percent_text(comparison.limits.threshold), percent_text(comparison.limits.same_within),
      percent_text(comparison.limits.same_within));
  if (comparison.count(Verdict::machine_changed) > 0)
    out += fmt::format("machine changed: the row's ceiling moved by more than {} between two runs of one system.\n",
                       percent_text(comparison.limits.ceiling_moved));
  const auto has = [&](Unit unit) {
    return std::any_of(comparison.cells.begin(), comparison.cells.end(),
                       [&](const ComparedCell& cell) { return cell.both_ok() && cell.ratio.unit == unit; });
  };
  if (has(Unit::samples))
    out += has(Unit::processes)
               ? "Some rows have a single process a side: differences between processes were not seen in these.\n"
               : "One process a side: differences between processes were not seen (use --processes).\n";
  if (has(Unit::none)) out += "interval none: too few samples, or a time of 0.\n";
  return out;
}

std::string counts_text(const Comparison& comparison) {
  std::vector<std::string> parts;
  for (const Verdict verdict : kVerdicts)
    if (const std::size_t count = comparison.count(verdict); count > 0)
      parts.push_back(fmt::format("{} {}", count, to_string(verdict)));
  const auto judged = static_cast<std::size_t>(
      std::count_if(comparison.cells.begin(), comparison.cells.end(), [](const ComparedCell& cell) {
        return cell.both_ok() && cell.verdict != Verdict::machine_changed && cell.ratio.has_interval();
      }));
  std::string out = count_text(comparison.cells.size(), "row") + (parts.empty() ? "" : ": " + list_text(parts)) + ".";
  if (!comparison.skipped_in_both.empty())
    out += fmt::format(" {} skipped in both.", count_text(comparison.skipped_in_both.size(), "cell"));
  if (judged >= 20)
    out += fmt::format("\nBy chance alone about {:.0f} of {} intervals exclude 1 where nothing changed.",
                       0.05 * static_cast<double>(judged), judged);
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
  for (const std::string& workload : order) out += workload_text(workload, workloads[workload]);
  if (comparison.cells.empty()) out += "Neither run measured anything.\n\n";
  out += legend_text(comparison) + "\n" + counts_text(comparison);
  for (const std::string& note : comparison.notes) out += fmt::format("Note: {}\n", printable(note, 1000));
  return out;
}

}  // namespace overtake::compare
