// SPDX-License-Identifier: Apache-2.0
// The part of best.h that lays systems out side by side.
#include <fmt/format.h>

#include <cmath>

#include "compare/best.h"
#include "compare/machine_text.h"
#include "compare/table.h"
#include "compare/text.h"

namespace overtake::compare {
namespace {

using nlohmann::ordered_json;
using Align = Table::Align;

constexpr std::size_t kMostNamedTies = 3;
constexpr double kResultsPriced = 1e6;

std::string problem_text(const Cell& problem) {
  std::string text = shape_text(problem.shape);
  if (problem.dtype != Dtype::none) text += fmt::format(" {}", to_string(problem.dtype));
  text += fmt::format(" {}", to_string(problem.scope));
  for (const auto& [key, value] : problem.params) text += " " + key + "=" + value;
  return printable(text, 80);
}

std::string short_way(const Measured& cell) {
  return printable(cell.cell.variant, 30) +
         (cell.strategy == Strategy::serial || cell.strategy == Strategy::gpu
              ? ""
              : " x" + std::to_string(cell.workers.value_or(cell.cell.workers.count)));
}

std::string way_text(const BestWay& way) {
  if (way.fastest == nullptr) return "none";
  std::string text = duration_text(way.fastest->median()) + " " + short_way(*way.fastest);
  if (way.ties.size() > kMostNamedTies) return text + fmt::format(" = {} others", way.ties.size());
  for (const Measured* tie : way.ties) text += " = " + short_way(*tie);
  return text;
}

std::string ratio_cell(const BestWay& way) {
  if (way.verdict == Verdict::not_comparable) return "not comparable: verified on one side only";
  if (way.fastest == nullptr || way.ratio.unit == Unit::none) return "";
  std::string text = ratio_text(way.ratio.estimate);
  if (way.ratio.has_interval) text += fmt::format(" ({} – {})", ratio_text(way.ratio.low), ratio_text(way.ratio.high));
  return text + " " + std::string(to_string(way.verdict));
}

double cost_of(double seconds, double hourly_price) { return seconds * hourly_price / 3600 * kResultsPriced; }

bool has_prices(const BestComparison& best) {
  return std::any_of(best.prices.begin(), best.prices.end(), [](const auto& price) { return price.has_value(); });
}

Table table_of(const BestComparison& best, const BestOfWorkload& workload) {
  std::vector<Table::Column> columns = {{printable(workload.workload)}};
  for (std::size_t i = 0; i < best.names.size(); ++i) {
    columns.push_back({printable(best.names[i], 40)});
    if (i > 0) columns.push_back({"time ratio"});
    if (best.prices[i]) columns.push_back({"cost of 1e6", Align::right});
  }
  Table table(columns);
  for (const BestRow& row : workload.rows) {
    std::vector<std::string> cells = {problem_text(row.problem)};
    for (std::size_t i = 0; i < row.ways.size(); ++i) {
      const BestWay& way = row.ways[i];
      cells.push_back(way_text(way));
      if (i > 0) cells.push_back(ratio_cell(way));
      if (best.prices[i])
        cells.push_back(way.fastest == nullptr ? "" : three_digits(cost_of(way.fastest->median(), *best.prices[i])));
    }
    table.add(std::move(cells));
  }
  return table;
}

std::string ranking_text(const BestComparison& best, const BestOfWorkload& workload) {
  const std::string name = printable(workload.workload);
  if (workload.ranking.empty()) return fmt::format("{}: no problem was solved by every system: no ranking\n", name);
  std::string out =
      fmt::format("{}, geometric mean over the {} that all solved, time against {}:\n", name,
                  count_text(workload.ranking.front().mean.rows, "problem"), printable(best.names[0], 60));
  for (std::size_t i = 0; i < workload.ranking.size(); ++i) {
    const Rank& rank = workload.ranking[i];
    const bool is_tied = (i > 0 && workload.ranking[i - 1].rank == rank.rank) ||
                         (i + 1 < workload.ranking.size() && workload.ranking[i + 1].rank == rank.rank);
    out += fmt::format("  {}{} {}  {}{}{}\n", rank.rank, is_tied ? "=" : " ", printable(best.names[rank.system], 60),
                       ratio_text(rank.mean.estimate),
                       rank.mean.has_interval && rank.system != 0
                           ? fmt::format(" ({} – {})", ratio_text(rank.mean.low), ratio_text(rank.mean.high))
                           : "",
                       best.prices[rank.system] && best.prices[0]
                           ? fmt::format(", cost of a result {}",
                                         ratio_text(rank.mean.estimate * *best.prices[rank.system] / *best.prices[0]))
                           : "");
  }
  return out;
}

std::string differences_of(const BestComparison& best, bool markdown) {
  std::string out;
  for (std::size_t i = 1; i < best.runs.size(); ++i) {
    const std::string name = printable(best.names[i], 60);
    const std::string cause = attribution(best.differences[i]);
    out += fmt::format("{} against {}: {}\n", markdown ? markdown_escaped(name) : name, printable(best.names[0], 60),
                       best.differences[i].empty() ? "no recorded field differs."
                       : cause.empty()             ? "nothing differs that explains a ratio."
                                                   : cause);
    out += markdown ? "" : differences_text(best.differences[i]);
  }
  return out;
}

std::string legend(const BestComparison& best) {
  return fmt::format(
      "Each problem's fastest verified way; '=' names others that the samples cannot tell from it. ratio: time "
      "against\n"
      "the first system, above 1 is slower, with 95 % interval and verdict (p < {:g} after correction, beyond {}).\n"
      "Ranks with '=' are tied with a neighbour.{}\n",
      best.limits.alpha, percent_text(best.limits.threshold),
      has_prices(best) ? " Cost: hourly price times time, of 1,000,000 results." : "");
}

ordered_json way_json(const BestWay& way, const std::optional<double>& price) {
  if (way.fastest == nullptr) return nullptr;
  ordered_json out = {{"variant", way.fastest->cell.variant},
                      {"workers_asked", way.fastest->cell.workers.to_string()},
                      {"seconds", way.fastest->median()},
                      {"verified", way.fastest->verified}};
  out["ties"] = ordered_json::array();
  for (const Measured* tie : way.ties)
    out["ties"].push_back({{"variant", tie->cell.variant}, {"workers_asked", tie->cell.workers.to_string()}});
  if (way.ratio.unit != Unit::none) {
    out["ratio"] = {{"estimate", way.ratio.estimate}};
    out["ratio"]["low"] = way.ratio.has_interval ? ordered_json(way.ratio.low) : ordered_json(nullptr);
    out["ratio"]["high"] = way.ratio.has_interval ? ordered_json(way.ratio.high) : ordered_json(nullptr);
    out["verdict"] = to_string(way.verdict);
  }
  if (price) out["cost_per_result"] = way.fastest->median() * *price / 3600;
  return out;
}

}  // namespace

std::string best_text(const BestComparison& best) {
  std::string out;
  for (std::size_t i = 0; i < best.runs.size(); ++i)
    out += fmt::format("{}  {}\n", printable(best.names[i], 60), machine_text(best.runs[i]->system));
  out += '\n';
  for (const BestOfWorkload& workload : best.workloads)
    out += table_of(best, workload).to_text() + "\n" + ranking_text(best, workload) + "\n";
  if (best.workloads.empty()) out += "No run measured anything.\n\n";
  return out + differences_of(best, false) + "\n" + legend(best);
}

std::string best_markdown(const BestComparison& best) {
  std::string out = "### Fastest ways\n\n";
  for (const BestOfWorkload& workload : best.workloads) {
    out += table_of(best, workload).to_markdown() + "\n";
    out += "```text\n" + ranking_text(best, workload) + "```\n\n";
  }
  return out + differences_of(best, true) + "\n" + legend(best);
}

ordered_json best_json(const BestComparison& best) {
  ordered_json out = {{"systems", best.names}, {"threshold", best.limits.threshold}, {"alpha", best.limits.alpha}};
  out["workloads"] = ordered_json::array();
  for (const BestOfWorkload& workload : best.workloads) {
    ordered_json entry = {{"workload", workload.workload}};
    entry["rows"] = ordered_json::array();
    for (const BestRow& row : workload.rows) {
      ordered_json line = {{"dtype", to_string(row.problem.dtype)}, {"scope", to_string(row.problem.scope)}};
      line["shape"] = row.problem.shape.to_string();
      line["params"] = row.problem.params.to_string();
      line["systems"] = ordered_json::array();
      for (std::size_t i = 0; i < row.ways.size(); ++i)
        line["systems"].push_back(way_json(row.ways[i], best.prices[i]));
      entry["rows"].push_back(std::move(line));
    }
    entry["ranking"] = ordered_json::array();
    for (const Rank& rank : workload.ranking) {
      ordered_json place = {{"rank", rank.rank}, {"system", best.names[rank.system]}, {"ratio", rank.mean.estimate}};
      place["low"] = rank.mean.has_interval ? ordered_json(rank.mean.low) : ordered_json(nullptr);
      place["high"] = rank.mean.has_interval ? ordered_json(rank.mean.high) : ordered_json(nullptr);
      entry["ranking"].push_back(std::move(place));
    }
    out["workloads"].push_back(std::move(entry));
  }
  out["differences"] = ordered_json::array();
  for (std::size_t i = 1; i < best.runs.size(); ++i) {
    ordered_json entry = {{"system", best.names[i]}, {"attribution", attribution(best.differences[i])}};
    entry["fields"] = ordered_json::array();
    for (const Difference& difference : best.differences[i])
      entry["fields"].push_back({{"field", difference.field}, {"base", difference.base}, {"other", difference.other}});
    out["differences"].push_back(std::move(entry));
  }
  out["status"] = static_cast<int>(best.status());
  return out;
}

}  // namespace overtake::compare
