// SPDX-License-Identifier: Apache-2.0
#include "cli/do_summarize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cli/do_variant.h"
#include "compare/table.h"
#include "core/memory/mapped_file.h"
#include "core/registry/variant.h"
#include "core/workload/summarize.h"
#include "cpu/read_csv/engine/read.h"

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

// The answer with the names that go with it.
struct Summary {
  std::int64_t rows;
  std::vector<std::string> numeric;
  std::vector<std::pair<std::string, std::vector<std::string>>> categorical;  // with its categories
  Summarize::Answer answer;

  Summary(const Table& table, const Summarize::Answer& of) : rows(table.rows), answer(of) {
    for (const Column& column : table.columns) {
      if (column.categorical)
        categorical.emplace_back(column.name, column.categories);
      else
        numeric.push_back(column.name);
    }
  }

  // Calls with the index of each categorical column, the place of its first category, and how many of its values are
  // missing.
  template <class Function>
  void for_each_categorical(Function function) const {
    std::size_t first = 0;
    for (std::size_t c = 0; c < categorical.size(); ++c) {
      const auto groups = answer.group_rows.subspan(first, categorical[c].second.size());
      function(c, first, rows - std::accumulate(groups.begin(), groups.end(), std::int64_t{0}));
      first += groups.size();
    }
  }
};

Json json_of(const Summary& summary) {
  Json out;
  out["rows"] = summary.rows;
  out["numeric"] = Json::array();
  for (std::size_t j = 0; j < summary.numeric.size(); ++j) {
    const Summarize::Figures& f = summary.answer.columns[j];
    out["numeric"].push_back({{"name", summary.numeric[j]},
                              {"count", f.count},
                              {"missing", f.missing},
                              {"mean", number(f.mean)},
                              {"std", number(f.deviation)},
                              {"min", number(f.min)},
                              {"25%", number(f.quartiles[0])},
                              {"50%", number(f.quartiles[1])},
                              {"75%", number(f.quartiles[2])},
                              {"max", number(f.max)},
                              {"histogram", f.histogram}});
  }
  out["categorical"] = Json::array();
  summary.for_each_categorical([&](std::size_t c, std::size_t first, std::int64_t missing) {
    const auto& [name, categories] = summary.categorical[c];
    Json groups = Json::array();
    for (std::size_t k = 0; k < categories.size(); ++k) {
      Json means = Json::array();
      for (std::size_t j = 0; j < summary.numeric.size(); ++j)
        means.push_back(
            number(summary.answer.group_means(static_cast<std::int64_t>(first + k), static_cast<std::int64_t>(j))));
      groups.push_back({{"category", categories[k]}, {"rows", summary.answer.group_rows[first + k]}, {"means", means}});
    }
    out["categorical"].push_back(
        {{"name", name}, {"count", summary.rows - missing}, {"missing", missing}, {"groups", groups}});
  });
  out["correlation"] = Json::array();
  const View<double>& correlation = summary.answer.correlation;
  for (std::int64_t j = 0; j < correlation.rows; ++j) {
    Json row = Json::array();
    for (std::int64_t k = 0; k < correlation.cols; ++k) row.push_back(number(correlation(j, k)));
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
  compare::Table bins(columns_of("histogram, min to max", std::vector<std::string>(Summarize::kBins, "")));
  for (std::size_t j = 0; j < summary.numeric.size(); ++j) {
    const Summarize::Figures& f = summary.answer.columns[j];
    table.add({summary.numeric[j], std::to_string(f.count), std::to_string(f.missing), figure(f.mean),
               figure(f.deviation), figure(f.min), figure(f.quartiles[0]), figure(f.quartiles[1]),
               figure(f.quartiles[2]), figure(f.max)});
    std::vector<std::string> cells = {summary.numeric[j]};
    for (const std::int64_t count : f.histogram) cells.push_back(std::to_string(count));
    bins.add(std::move(cells));
  }
  fmt::print("\nNumeric columns\n{}\n{}", table.to_text(2), bins.to_text(2));
}

void print_correlation(const Summary& summary) {
  const View<double>& correlation = summary.answer.correlation;
  if (correlation.rows < 2) return;
  compare::Table table(columns_of("correlation", summary.numeric));
  for (std::int64_t j = 0; j < correlation.rows; ++j) {
    std::vector<std::string> cells = {summary.numeric[static_cast<std::size_t>(j)]};
    for (std::int64_t k = 0; k < correlation.cols; ++k)
      cells.push_back(std::isnan(correlation(j, k)) ? "" : fmt::format("{:.3f}", correlation(j, k)));
    table.add(std::move(cells));
  }
  fmt::print("\n{}", table.to_text(2));
}

// The categories of most rows; the rest are counted.
void print_groups(const Summary& summary, std::size_t c, std::size_t first, std::int64_t missing) {
  constexpr std::size_t kMost = 12;
  const auto& [name, categories] = summary.categorical[c];
  const auto rows = summary.answer.group_rows.subspan(first, categories.size());
  std::vector<std::size_t> order(categories.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return rows[a] > rows[b]; });
  std::vector<std::string> titles = {"rows"};
  for (const std::string& column : summary.numeric) titles.push_back("mean " + column);
  compare::Table table(columns_of(name, titles));
  for (std::size_t k = 0; k < std::min(kMost, order.size()); ++k) {
    std::vector<std::string> cells = {categories[order[k]], std::to_string(rows[order[k]])};
    for (std::size_t j = 0; j < summary.numeric.size(); ++j)
      cells.push_back(figure(
          summary.answer.group_means(static_cast<std::int64_t>(first + order[k]), static_cast<std::int64_t>(j))));
    table.add(std::move(cells));
  }
  fmt::print("\nColumn {}: {} values, {} missing, {} categories\n{}", name, summary.rows - missing, missing,
             categories.size(), table.to_text(2));
  if (order.size() > kMost) fmt::print("  and {} more; --json has all\n", order.size() - kMost);
}

}  // namespace

Status do_summarize(const SummarizeArguments& arguments) {
  const VariantInfo& variant = variant_of("summarize", arguments.strategy);
  const int workers = workers_of(variant, arguments.workers);
  Table table;
  {
    const MappedFile file{std::filesystem::path(arguments.table)};
    table = read_csv<float>(file.text(), arguments.table, workers, team_of_threads(workers));
  }
  for (const std::string& note : table.notes) fmt::print(stderr, "note: {}\n", note);
  TypedData<Summarize, float> data({TableShape::of(table)}, {.table = &table}, {});
  for (Column& column : table.columns) {
    column.values = {};
    column.codes = {};
  }
  const auto instance = variant.make(Dtype::f32, data, {.workers = workers, .params = {}});
  instance->load(0);
  instance->run();
  instance->store();
  const Summary summary(table, data.output);
  if (arguments.json) {
    fmt::print("{}\n", json_of(summary).dump(1, ' ', false, Json::error_handler_t::replace));
    return Status::good;
  }
  fmt::print("{}: {} rows, {} columns\n", arguments.table, summary.rows, table.columns.size());
  if (!summary.numeric.empty()) print_numeric(summary);
  print_correlation(summary);
  summary.for_each_categorical(
      [&](std::size_t c, std::size_t first, std::int64_t missing) { print_groups(summary, c, first, missing); });
  return Status::good;
}

}  // namespace overtake::cli
