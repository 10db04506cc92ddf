// SPDX-License-Identifier: Apache-2.0
#include "cli/do_summarize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "bench/harness/plan.h"
#include "compare/table.h"
#include "core/cell.h"
#include "core/memory/mapped_file.h"
#include "cpu/read_csv/engine/read.h"
#include "cpu/summarize/engine/summary.h"

namespace overtake::cli {
namespace {

using Json = nlohmann::ordered_json;
using Align = compare::Table::Align;

std::string figure(double value) { return std::isnan(value) ? "" : fmt::format("{:.6g}", value); }

// JSON has no NaN and no infinities: null and texts.
Json number(double value) {
  if (std::isnan(value)) return nullptr;
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

Json json_of(const Summary& summary) {
  Json out;
  out["rows"] = summary.rows;
  out["numeric"] = Json::array();
  for (const ColumnSummary& c : summary.numeric)
    out["numeric"].push_back({{"name", c.name},
                              {"count", c.count},
                              {"missing", c.missing},
                              {"mean", number(c.mean)},
                              {"std", number(c.deviation)},
                              {"min", number(c.min)},
                              {"25%", number(c.lower_quartile)},
                              {"50%", number(c.median)},
                              {"75%", number(c.upper_quartile)},
                              {"max", number(c.max)},
                              {"histogram", c.histogram}});
  out["categorical"] = Json::array();
  for (const CategoricalSummary& c : summary.categorical) {
    Json groups = Json::array();
    for (std::size_t k = 0; k < c.categories.size(); ++k) {
      Json means = Json::array();
      for (const double mean : c.means[k]) means.push_back(number(mean));
      groups.push_back({{"category", c.categories[k]}, {"rows", c.rows[k]}, {"means", means}});
    }
    out["categorical"].push_back({{"name", c.name}, {"count", c.count}, {"missing", c.missing}, {"groups", groups}});
  }
  out["correlation"] = Json::array();
  const std::size_t n = summary.numeric.size();
  for (std::size_t j = 0; j < n; ++j) {
    Json row = Json::array();
    for (std::size_t k = 0; k < n; ++k) row.push_back(number(summary.correlation[j * n + k]));
    out["correlation"].push_back(row);
  }
  return out;
}

std::vector<compare::Table::Column> columns_of(const std::string& first, const std::vector<std::string>& names) {
  std::vector<compare::Table::Column> columns = {{first}};
  for (const std::string& name : names) columns.push_back({name, Align::right});
  return columns;
}

void print_numeric(const Summary& summary) {
  compare::Table table(columns_of("column", {"count", "missing", "mean", "std", "min", "25%", "50%", "75%", "max"}));
  for (const ColumnSummary& c : summary.numeric)
    table.add({c.name, std::to_string(c.count), std::to_string(c.missing), figure(c.mean), figure(c.deviation),
               figure(c.min), figure(c.lower_quartile), figure(c.median), figure(c.upper_quartile), figure(c.max)});
  fmt::print("\nNumeric columns\n{}", table.to_text(2));
  compare::Table bins(columns_of("histogram, min to max", std::vector<std::string>(ColumnSummary::kBins, "")));
  for (const ColumnSummary& c : summary.numeric) {
    std::vector<std::string> cells = {c.name};
    for (const std::int64_t count : c.histogram) cells.push_back(std::to_string(count));
    bins.add(std::move(cells));
  }
  fmt::print("\n{}", bins.to_text(2));
}

std::vector<std::string> names_of(const Summary& summary) {
  std::vector<std::string> names;
  for (const ColumnSummary& c : summary.numeric) names.push_back(c.name);
  return names;
}

void print_correlation(const Summary& summary) {
  const std::size_t n = summary.numeric.size();
  if (n < 2) return;
  compare::Table table(columns_of("correlation", names_of(summary)));
  for (std::size_t j = 0; j < n; ++j) {
    std::vector<std::string> cells = {summary.numeric[j].name};
    for (std::size_t k = 0; k < n; ++k) {
      const double r = summary.correlation[j * n + k];
      cells.push_back(std::isnan(r) ? "" : fmt::format("{:.3f}", r));
    }
    table.add(std::move(cells));
  }
  fmt::print("\n{}", table.to_text(2));
}

// The categories of most rows; the rest are counted.
void print_groups(const Summary& summary, const CategoricalSummary& c) {
  constexpr std::size_t kMost = 12;
  std::vector<std::size_t> order(c.categories.size());
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return c.rows[a] > c.rows[b]; });
  std::vector<std::string> titles = {"rows"};
  for (const std::string& name : names_of(summary)) titles.push_back("mean " + name);
  compare::Table table(columns_of(c.name, titles));
  for (std::size_t k = 0; k < std::min(kMost, order.size()); ++k) {
    std::vector<std::string> cells = {c.categories[order[k]], std::to_string(c.rows[order[k]])};
    for (const double mean : c.means[order[k]]) cells.push_back(figure(mean));
    table.add(std::move(cells));
  }
  fmt::print("\nColumn {}: {} values, {} missing, {} categories\n{}", c.name, c.count, c.missing, c.categories.size(),
             table.to_text(2));
  if (order.size() > kMost) fmt::print("  and {} more; --json has all\n", order.size() - kMost);
}

}  // namespace

Status do_summarize(const SummarizeArguments& arguments) {
  const Strategy strategy = parse_strategy(arguments.strategy);
  if (strategy != Strategy::serial && strategy != Strategy::threads)
    throw UsageError("--strategy " + arguments.strategy + ": summarize has serial and threads");
  const int workers = strategy == Strategy::serial ? 1 : bench::worker_count(Workers::parse(arguments.workers));
  const Team team = team_of_threads(workers);
  const MappedFile file{std::filesystem::path(arguments.table)};
  const Table table = read_csv<float>(file.text(), arguments.table, workers, team);
  for (const std::string& note : table.notes) fmt::print(stderr, "note: {}\n", note);
  const Summary summary = summarize(table, team);
  if (arguments.json) {
    fmt::print("{}\n", json_of(summary).dump(1, ' ', false, Json::error_handler_t::replace));
    return Status::good;
  }
  fmt::print("{}: {} rows, {} columns\n", arguments.table, summary.rows, table.columns.size());
  if (!summary.numeric.empty()) print_numeric(summary);
  print_correlation(summary);
  for (const CategoricalSummary& c : summary.categorical) print_groups(summary, c);
  return Status::good;
}

}  // namespace overtake::cli
