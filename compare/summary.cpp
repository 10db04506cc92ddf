// SPDX-License-Identifier: Apache-2.0
#include "compare/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compare/disturbances.h"
#include "compare/machine_text.h"
#include "compare/noise.h"
#include "compare/overtaking.h"
#include "compare/series.h"
#include "compare/table.h"
#include "compare/text.h"

namespace overtake::compare {
namespace {

using Align = Table::Align;
using Cells = std::vector<const Measured*>;

std::string ceiling_text(const Measured& cell) {
  if (!cell.ceiling_fraction) return "";
  return percent_text(*cell.ceiling_fraction) + (cell.bound.empty() ? "" : " " + cell.bound);
}

std::string check_text(const Measured& cell) {
  if (!cell.is_ok()) return fmt::format("no time: {}", to_string(cell.status));
  if (cell.verified) return cell.check_method;
  return "not verified";
}

// "1.83x"; with ≈ where the interval does not exclude 1.
std::string speedup_text(const Measured* baseline, const Measured& cell) {
  if (baseline == nullptr || !cell.is_ok()) return "";
  if (baseline == &cell) return "1.00x";
  const Ratio ratio = hodges_lehmann_ratio(baseline->seconds, cell.seconds);
  const bool is_sure = ratio.has_interval && !ratio.contains(1);
  return (is_sure ? "" : "≈ ") + ratio_text(1 / ratio.estimate) + "x";
}

std::vector<std::string> figures(const Measured& cell) {
  if (!cell.is_ok()) return {"", "", ""};
  return {duration_text(cell.median()), percent_text(spread(cell.all_samples()).relative()),
          rate_text(cell.cell.shape, cell.flops, cell.bytes, cell.median())};
}

// The rate of the fastest sample.
std::string best_text(const Measured& cell) {
  const auto samples = cell.all_samples();
  if (samples.empty()) return "";
  return rate_text(cell.cell.shape, cell.flops, cell.bytes, *std::min_element(samples.begin(), samples.end()));
}

std::string table_of_size(const Size& size, const std::string& baseline) {
  Table table({{"variant"},
               {"workers", Align::right},
               {"median", Align::right},
               {"spread", Align::right},
               {"rate", Align::right},
               {"of ceiling", Align::right},
               {"vs " + printable(baseline, 40), Align::right},
               {"verified by"}});
  const Measured* base = baseline_cell(size, baseline);
  for (const Measured* cell : size.cells) {
    const auto numbers = figures(*cell);
    const std::string library = cell->library.empty() ? "" : " (" + cell->library + ")";
    table.add({cell->cell.variant + library, cell->workers_text(), numbers[0], numbers[1], numbers[2],
               ceiling_text(*cell), speedup_text(base, *cell), check_text(*cell)});
  }
  return table.to_markdown();
}

// For figures that are not compared with each other: one table, a row a cell.
std::string flat_table(const Series& series) {
  Table table({{"size"},
               {"variant"},
               {"workers", Align::right},
               {"median", Align::right},
               {"spread", Align::right},
               {"rate", Align::right},
               {"best", Align::right},
               {"verified by"}});
  for (const Size& size : series.sizes)
    for (const Measured* cell : size.cells) {
      const auto numbers = figures(*cell);
      table.add({shape_text(cell->cell.shape), cell->cell.variant, cell->workers_text(), numbers[0], numbers[1],
                 numbers[2], best_text(*cell), check_text(*cell)});
    }
  return table.to_markdown();
}

std::string sentences_text(const std::vector<Series>& all, const std::string& baseline) {
  std::string out;
  for (const Series& series : all)
    for (const Family& family : families_of(series)) {
      const auto sentences = overtaking_sentences(family, baseline);
      if (sentences.empty()) continue;
      out += fmt::format("{}{}{}:\n\n", markdown_escaped(series.text()), family.fixed.empty() ? "" : ", ",
                         markdown_escaped(family.fixed));
      for (const std::string& sentence : sentences) out += fmt::format("- {}\n", markdown_escaped(sentence));
      out += '\n';
    }
  return out.empty() ? "" : "**Who overtakes whom**\n\n" + out;
}

std::string workload_text(const std::string& workload, const Cells& cells, const std::string& baseline) {
  std::string out = fmt::format("## {}\n\n", markdown_escaped(printable(workload)));
  const auto all = series_of(cells);
  for (const Series& series : all) {
    if (baseline.empty()) {
      out += fmt::format("### {}\n\n{}\n", markdown_escaped(series.text()), flat_table(series));
      continue;
    }
    for (const Size& size : series.sizes) {
      const std::string shape = shape_text(size.shape);
      out += fmt::format("### {}{}{}\n\n{}\n", markdown_escaped(shape), shape.empty() ? "" : ", ",
                         markdown_escaped(series.text()), table_of_size(size, baseline));
    }
  }
  return baseline.empty() ? out : out + sentences_text(all, baseline);
}

// One line for each reason: "reason: matmul cuda_naive, thrust (12 cells)".
std::string skipped_text(const std::vector<Measured>& cells) {
  struct Reason {
    std::string text;
    std::vector<std::string> variants;
    std::size_t cells = 0;
  };
  std::vector<Reason> reasons;
  for (const Measured& cell : cells) {
    if (cell.status != RowStatus::skipped) continue;
    const std::string text = cell.reason.empty() ? "no reason given" : printable(cell.reason, 1000);
    auto reason = std::find_if(reasons.begin(), reasons.end(), [&](const Reason& r) { return r.text == text; });
    if (reason == reasons.end()) reason = reasons.insert(reason, {text, {}, 0});
    const std::string variant = printable(cell.cell.workload + " " + cell.cell.variant);
    if (std::find(reason->variants.begin(), reason->variants.end(), variant) == reason->variants.end())
      reason->variants.push_back(variant);
    ++reason->cells;
  }
  std::string out;
  for (const Reason& reason : reasons)
    out += fmt::format("- {} ({}): {}\n", markdown_escaped(list_text(reason.variants)),
                       count_text(reason.cells, "cell"), markdown_escaped(reason.text));
  return out.empty() ? "" : "## Skipped\n\n" + out + "\n";
}

std::string failures_text(const std::vector<Measured>& cells) {
  std::string out;
  for (const Measured& cell : cells)
    if (!cell.is_ok() && cell.status != RowStatus::skipped)
      out += fmt::format("- {}: {}{}\n", markdown_escaped(cell.cell.name()), to_string(cell.status),
                         cell.reason.empty() ? "" : ": " + markdown_escaped(printable(cell.reason, 1000)));
  return out.empty() ? "" : "## Wrong, implausible or failed: no time is reported\n\n" + out + "\n";
}

std::string legend_text(const std::vector<Measured>& cells) {
  std::size_t processes = 0;
  bool any_unverified = false, any_ok = false;
  for (const Measured& cell : cells) {
    if (!cell.is_ok()) continue;
    any_ok = true;
    processes = std::max(processes, cell.seconds.size());
    any_unverified = any_unverified || !cell.verified;
  }
  if (!any_ok) return "";
  std::string out =
      "median: over processes, of the median of each one's samples.\n"
      "spread: interquartile range of all samples over their median.\n"
      "of ceiling: share of what this machine can do at most, and what bounds it.\n"
      "≈: the 95 % interval of the ratio contains 1.\n";
  if (processes == 1)
    out += "Every cell was measured in one process: differences between processes were not seen (use --processes).\n";
  if (any_unverified) out += "not verified: nobody checked the answer.\n";
  return out + "\n";
}

std::string noise_text(const std::vector<Measured>& cells) {
  std::string out;
  const NoiseFloors floors(cells);
  for (const auto& [workload, floor] : floors.all())
    out += fmt::format(
        "Noise floor of {}: {} ({} timed twice, A/A): a smaller difference between two such runs is noise.\n",
        markdown_escaped(printable(workload)), percent_text(floor.largest),
        markdown_escaped(printable(floor.cell.name())));
  return out.empty() ? "" : out + "\n";
}

std::string baseline_of(const std::string& workload, const Run& run, const Baselines& baselines) {
  if (const auto named = baselines.find(workload); named != baselines.end()) return named->second;
  const auto first = std::find_if(run.rows.begin(), run.rows.end(), [&](const Row& row) {
    return row.workload == workload && row.status == RowStatus::ok;
  });
  return first == run.rows.end() ? "" : first->variant;
}

// A cell that was skipped is not in a table: it stands below, with the reason.
std::string workloads_text(const Run& run, const std::vector<Measured>& cells, const Baselines& baselines) {
  std::map<std::string, Cells> workloads;
  for (const Measured& cell : cells)
    if (cell.status != RowStatus::skipped && !is_aa(cell.cell)) workloads[cell.cell.workload].push_back(&cell);
  std::string out;
  for (const bool has_baseline : {true, false})  // figures without one explain the others: last
    for (const auto& [workload, of_workload] : workloads)
      if (const std::string baseline = baseline_of(workload, run, baselines); baseline.empty() != has_baseline)
        out += workload_text(workload, of_workload, baseline);
  return out.empty() ? "Nothing was measured.\n\n" : out;
}

}  // namespace

std::string summary_markdown(const Run& run, const Baselines& baselines) {
  const auto cells = measured_cells(run.rows);
  std::string out = "# " + markdown_escaped(machine_text(run.system)) + "\n\n";
  for (const std::string& sentence : distortions_of(run.system))
    out += fmt::format("> **Distorted:** {}\n\n", markdown_escaped(sentence));
  out += fmt::format("{}\n\n", markdown_escaped(run_text(run)));
  for (const std::string& sentence : disturbances(run))
    out += fmt::format("> **Disturbed:** {}\n\n", markdown_escaped(sentence));
  out += workloads_text(run, cells, baselines) + failures_text(cells) + skipped_text(cells) + noise_text(cells) +
         legend_text(cells);
  for (const std::string& note : run.notes) out += fmt::format("Note: {}\n\n", markdown_escaped(printable(note, 1000)));
  out.pop_back();
  return out;
}

}  // namespace overtake::compare
