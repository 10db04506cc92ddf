// SPDX-License-Identifier: Apache-2.0
#include "cli/do_preprocess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/do_variant.h"
#include "cli/features_file.h"
#include "core/file.h"
#include "core/memory/mapped_file.h"
#include "core/registry/variant.h"
#include "core/system/resources.h"
#include "core/workload/fitted_pipeline.h"
#include "core/workload/preprocess.h"
#include "cpu/read_csv/engine/read.h"

namespace overtake::cli {
namespace {

void note(const std::string& text) { fmt::print(stderr, "note: {}\n", text); }

void require_different_names(const std::string& path, const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end())
    throw UsageError(path + ": two columns are called '" + *twice + "': columns are told apart by their names");
}

// A one-hot column for nearly every row tells nothing: names, addresses, dates.
FittedPipeline infer(const std::string& path, const Table& table) {
  constexpr std::size_t kFew = 50;
  FittedPipeline inferred;
  inferred.pipeline = Pipeline::parse("impute_median+standardise+one_hot");
  for (const Column& column : table.columns) {
    const std::size_t categories = column.categories.size();
    if (categories <= kFew || 2 * static_cast<std::int64_t>(categories) <= table.rows) continue;
    inferred.leave_out.push_back(column.name);
    note(fmt::format("{}: column '{}' has {} categories in {} rows, and is left out", path, column.name, categories,
                     table.rows));
  }
  return inferred;
}

void leave_out(const std::string& path, const std::vector<std::string>& names, Table& table) {
  for (const std::string& name : names) {
    const auto at = std::ranges::find(table.columns, name, &Column::name);
    if (at == table.columns.end()) throw UsageError(path + ": has no column '" + name + "' to leave out");
    table.columns.erase(at);
  }
}

// Columns as the fitted table had them: in its order, with its categories.
void match(const std::string& path, const FittedPipeline& fitted, Table& table) {
  std::vector<Column> columns;
  std::size_t last = 0;
  bool reordered = false;
  for (const FittedColumn& wanted : fitted.columns) {
    const auto at = std::ranges::find(table.columns, wanted.name, &Column::name);
    if (at == table.columns.end())
      throw UsageError(path + ": has no column '" + wanted.name + "', which the fitted table had");
    if (at->categorical && !wanted.categorical) {
      std::string why;
      for (const std::string& text : table.notes)
        if (text.find("'" + wanted.name + "'") != std::string::npos) why = text.substr(text.rfind("because") + 8);
      throw UsageError(path + ": column '" + wanted.name + "' was numeric when the pipeline was fitted, but " + why);
    }
    const auto place = static_cast<std::size_t>(at - table.columns.begin());
    reordered |= place < last;
    last = place;
    columns.push_back(std::move(*at));
    at->name.clear();
    if (!wanted.categorical) continue;
    Column& column = columns.back();
    std::vector<std::int32_t> places;
    for (const std::string& category : column.categories) {
      const auto found = std::ranges::lower_bound(wanted.categories, category);
      const bool known = found != wanted.categories.end() && *found == category;
      places.push_back(known ? static_cast<std::int32_t>(found - wanted.categories.begin()) : -1);
    }
    std::int64_t unknown = 0;
    std::string first;
    for (std::int32_t& code : column.codes) {
      if (code < 0) continue;
      const std::int32_t now = places[static_cast<std::size_t>(code)];
      if (now < 0 && unknown++ == 0) first = column.categories[static_cast<std::size_t>(code)];
      code = now;
    }
    if (unknown > 0)
      note(
          fmt::format("{}: column '{}': {} rows have a category that the fitted table had not, '{}' the first; it "
                      "counts as unknown",
                      path, column.name, unknown, first));
    column.categories = wanted.categories;
  }
  for (const Column& column : table.columns)
    if (!column.name.empty() && std::ranges::find(fitted.leave_out, column.name) == fitted.leave_out.end())
      note(path + ": column '" + column.name + "' is left out: the fitted table had none");
  if (reordered)
    note(path + ": its columns are in another order than the fitted table's; they are taken by their names");
  table.columns = std::move(columns);
}

Preprocess::Problem problem_of(const std::string& path, const Table& table, const FittedPipeline& fitted,
                               bool applies) {
  Preprocess::Problem p{TableShape::of(table)};
  p.pipeline = fitted.pipeline;
  p.phase = applies ? Preprocess::Phase::apply : Preprocess::Phase::both;
  Preprocess::require_memory(path, table, p, sizeof(float));
  return p;
}

std::vector<std::string> names_of(const Table& table, const Pipeline& pipeline) {
  std::vector<std::string> names;
  for (const Column& column : table.columns)
    if (!column.categorical) names.push_back(column.name);
  for (const Column& column : table.columns) {
    if (!column.categorical) continue;
    if (pipeline.ordinal) names.push_back(column.name);
    for (const std::string& category : column.categories)
      if (pipeline.one_hot) names.push_back(column.name + "=" + category);
  }
  return names;
}

void require_arguments(const PreprocessArguments& arguments) {
  if (!arguments.pipeline.empty() && !arguments.apply.empty())
    throw UsageError("--pipeline and --apply exclude each other: a fitted file holds its pipeline");
  if (!arguments.save_fitted.empty() && !arguments.apply.empty())
    throw UsageError("--save-fitted and --apply exclude each other: nothing is fitted where a fitted file is applied");
  require_features_name(arguments.out);
}

}  // namespace

Status do_preprocess(const PreprocessArguments& arguments) {
  require_arguments(arguments);
  const VariantInfo& variant = variant_of("preprocess", arguments.strategy);
  const int workers = workers_of(variant, arguments.workers);
  FittedPipeline fitted;
  const bool applies = !arguments.apply.empty();
  if (applies) fitted = read_fitted(arguments.apply);
  if (!arguments.pipeline.empty()) fitted = read_pipeline(arguments.pipeline);
  CsvOptions options;
  for (const FittedColumn& column : fitted.columns)
    if (column.categorical) options.categorical.push_back(column.name);

  Table table;
  {
    const MappedFile file{std::filesystem::path(arguments.table)};
    table = read_csv<float>(file.text(), arguments.table, workers, team_of_threads(workers), options);
  }
  require_different_names(arguments.table, table);
  for (const std::string& text : table.notes) note(text);
  if (!applies && arguments.pipeline.empty()) fitted = infer(arguments.table, table);
  if (applies)
    match(arguments.table, fitted, table);
  else
    leave_out(arguments.table, fitted.leave_out, table);

  const Preprocess::Problem problem = problem_of(arguments.table, table, fitted, applies);
  TypedData<Preprocess, float> data(problem, {.table = &table}, {});
  if (applies) fitted.to(data.inputs[0].given);
  const auto instance = variant.make(Dtype::f32, data, {.workers = workers, .params = {}});
  instance->load(0);
  instance->run();
  instance->store();
  write_features(arguments.out, data.output.features, names_of(table, fitted.pipeline));
  if (!applies) fitted.from(table, data.output.fitted);
  if (!arguments.save_fitted.empty()) write_fitted(arguments.save_fitted, fitted);
  fmt::print("{}\n", pipeline_text(fitted));
  return Status::good;
}

}  // namespace overtake::cli
