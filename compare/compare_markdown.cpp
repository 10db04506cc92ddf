// SPDX-License-Identifier: Apache-2.0
// The part of compare.h that lays a comparison out for a pull request: what changed first, everything else folded.
#include <fmt/format.h>

#include <algorithm>

#include "compare/compare.h"
#include "compare/table.h"
#include "compare/text.h"

namespace overtake::compare {
namespace {

using Align = Table::Align;

std::string row_name(const ComparedCell& cell, const Dimension& by) {
  std::string name = cell.cell.name();
  if (by.kind != Dimension::Kind::system && cell.base != nullptr && cell.other != nullptr)
    name = fmt::format("{} against {}", cell.other->cell.name(), by.value_of(cell.base->cell));
  return printable(name, 160);
}

std::string table_of(const Comparison& comparison, bool changed) {
  Table table({{"cell"},
               {"base", Align::right},
               {"other", Align::right},
               {"ratio of times", Align::right},
               {"95 %"},
               {"verdict"}});
  std::size_t rows = 0;
  for (const ComparedCell& cell : comparison.cells) {
    const bool is_change = cell.verdict == Verdict::slower || cell.verdict == Verdict::faster;
    if (is_change != changed) continue;
    ++rows;
    const auto time = [](const Measured* side) {
      return side != nullptr && side->is_ok() ? duration_text(side->median()) : std::string();
    };
    const Ratio& ratio = cell.ratio;
    table.add({row_name(cell, comparison.options.by), time(cell.base), time(cell.other),
               cell.has_ratio() ? ratio_text(ratio.estimate) : "",
               ratio.has_interval ? ratio_text(ratio.low) + " – " + ratio_text(ratio.high) : "",
               std::string(to_string(cell.verdict)) + (cell.why.empty() ? "" : ": " + printable(cell.why, 100))});
  }
  return rows == 0 ? "" : table.to_markdown() + "\n";
}

}  // namespace

std::string comparison_markdown(const Comparison& comparison) {
  const std::string base = markdown_escaped(printable(comparison.base->label)),
                    other = markdown_escaped(printable(comparison.other->label));
  std::string out = fmt::format("### {} → {}\n\n", base, other);
  std::vector<std::string> counts;
  for (const Verdict verdict : {Verdict::slower, Verdict::faster, Verdict::same, Verdict::undecided,
                                Verdict::machine_changed, Verdict::not_comparable, Verdict::missing})
    if (const std::size_t count = comparison.count(verdict); count > 0)
      counts.push_back(fmt::format("{} {}", count, to_string(verdict)));
  out += counts.empty() ? "Nothing to compare.\n\n" : list_text(counts) + ".\n\n";
  for (const auto& [workload, mean] : comparison.means)
    if (mean.rows > 0)
      out +=
          fmt::format("- {}: geometric mean of {} {}{}\n", markdown_escaped(printable(workload)),
                      count_text(mean.rows, "ratio"), ratio_text(mean.estimate),
                      mean.has_interval ? fmt::format(" ({} – {})", ratio_text(mean.low), ratio_text(mean.high)) : "");
  if (!comparison.means.empty()) out += '\n';
  out += table_of(comparison, true);
  if (const std::string cause = attribution(comparison.differences); !cause.empty())
    out += markdown_escaped(cause) + "\n\n";
  if (const std::string rest = table_of(comparison, false); !rest.empty())
    out += "<details><summary>All other rows</summary>\n\n" + rest + "</details>\n\n";
  if (!comparison.differences.empty()) {
    Table table({{"field"}, {"base"}, {"other"}});
    for (const Difference& difference : comparison.differences)
      table.add({printable(difference.field), printable(difference.base), printable(difference.other)});
    out +=
        "<details><summary>What differs between the systems</summary>\n\n" + table.to_markdown() + "\n</details>\n\n";
  }
  for (const std::string& note : comparison.notes)
    out += fmt::format("Note: {}\n\n", markdown_escaped(printable(note, 1000)));
  out.pop_back();
  return out;
}

}  // namespace overtake::compare
