// SPDX-License-Identifier: Apache-2.0
#include "core/workload/fitted_pipeline.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/csv/number.h"
#include "core/error.h"
#include "core/file.h"

namespace overtake {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kFormat = "overtake-fitted.1";

class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  [[nodiscard]] UsageError error(const std::string& message) const { return UsageError(name_ + ": " + message); }

  Json parse(std::string_view text) const {
    try {
      return Json::parse(text);
    } catch (const nlohmann::json::exception& reason) {
      throw error("is no JSON: " + std::string(reason.what()));
    }
  }

  const Json& member(const Json& object, const char* key) const {
    if (!object.is_object() || !object.contains(key)) throw error(std::string("lacks \"") + key + "\"");
    return object.at(key);
  }

  std::string text(const Json& value, const std::string& what) const {
    if (!value.is_string()) throw error(what + " must be a text in quotes");
    return value.get<std::string>();
  }

  std::vector<std::string> texts(const Json& value, const std::string& what) const {
    if (!value.is_array()) throw error(what + " must be a list of texts in quotes");
    std::vector<std::string> out;
    for (const Json& item : value) out.push_back(text(item, "each of " + what));
    return out;
  }

  // JSON has no infinities and no NaN: these are texts.
  double number(const Json& value, const std::string& what) const {
    if (value.is_number()) return value.get<double>();
    const auto parsed = value.is_string() ? parse_double(value.get<std::string>()) : std::nullopt;
    if (!parsed) throw error(what + " must be a number, \"nan\", \"inf\" or \"-inf\"");
    return *parsed;
  }

  FittedPipeline pipeline(const Json& json) const {
    if (!json.is_object()) throw error("must be an object: {\"numeric\": [...], \"categorical\": \"one_hot\"}");
    FittedPipeline out;
    std::string steps;
    for (const auto& [key, value] : json.items()) {
      if (key == "numeric") {
        for (const std::string& step : texts(value, "\"numeric\"")) steps += (steps.empty() ? "" : "+") + step;
      } else if (key == "leave_out") {
        out.leave_out = texts(value, "\"leave_out\"");
      } else if (key != "categorical") {
        throw error("\"" + key + "\" is none of numeric, categorical and leave_out");
      }
    }
    try {
      if (!steps.empty()) out.pipeline = Pipeline::parse(steps);
    } catch (const UsageError& reason) {
      throw error(reason.what());
    }
    if (out.pipeline.encodes()) throw error("one_hot and ordinal stand at \"categorical\", not among \"numeric\"");
    const std::string categorical =
        json.contains("categorical") ? text(json["categorical"], "\"categorical\"") : "drop";
    if (categorical != "one_hot" && categorical != "ordinal" && categorical != "drop")
      throw error("\"categorical\" is \"" + categorical + "\": one_hot, ordinal or drop is expected");
    out.pipeline.one_hot = categorical == "one_hot";
    out.pipeline.ordinal = categorical == "ordinal";
    return out;
  }

  FittedColumn column(const Json& json, std::size_t steps) const {
    FittedColumn out;
    out.name = text(member(json, "name"), "a column's name");
    const std::string place = "column '" + out.name + "'";
    if (json.contains("categories")) {
      out.categorical = true;
      out.categories = texts(json["categories"], "the categories of " + place);
      if (!std::ranges::is_sorted(out.categories) || std::ranges::adjacent_find(out.categories) != out.categories.end())
        throw error(place + ": its categories must be sorted, each once");
      return out;
    }
    const Json& parameters = member(json, "parameters");
    if (!parameters.is_array() || parameters.size() != steps)
      throw error(place + ": must have parameters of each of the " + std::to_string(steps) + " steps");
    for (const Json& pair : parameters) {
      if (!pair.is_array() || pair.size() != 2) throw error(place + ": a step has two parameters");
      out.parameters.emplace_back(number(pair[0], place), number(pair[1], place));
    }
    return out;
  }

 private:
  const std::string& name_;
};

Json number_json(double value) { return std::isfinite(value) ? Json(value) : Json(format_double(value)); }

Json pipeline_json(const FittedPipeline& fitted) {
  Json steps = Json::array();
  for (const Step& step : fitted.pipeline.steps) steps.push_back(Pipeline{{step}}.to_string());
  Json json;
  json["numeric"] = steps;
  json["categorical"] = fitted.pipeline.one_hot ? "one_hot" : fitted.pipeline.ordinal ? "ordinal" : "drop";
  if (!fitted.leave_out.empty()) json["leave_out"] = fitted.leave_out;
  return json;
}

// Cells of a CSV are bytes; JSON is UTF-8.
std::string dumped(const Json& json, int indent) {
  try {
    return json.dump(indent);
  } catch (const nlohmann::json::type_error&) {
    throw UsageError(
        "names or categories of the table are no UTF-8, which a fitted file needs: save the table as UTF-8");
  }
}

}  // namespace

void FittedPipeline::from(const Table& table, const Fitted& learnt) {
  columns.clear();
  std::int64_t number = 0;
  for (const Column& column : table.columns) {
    FittedColumn& out = columns.emplace_back();
    out.name = column.name;
    out.categorical = column.categorical;
    out.categories = column.categories;
    if (column.categorical) continue;
    for (std::size_t s = 0; s < pipeline.steps.size(); ++s)
      out.parameters.emplace_back(learnt.a(s, number), learnt.b(s, number));
    ++number;
  }
}

void FittedPipeline::to(const Fitted& given) const {
  std::int64_t number = 0;
  for (const FittedColumn& column : columns) {
    if (column.categorical) continue;
    for (std::size_t s = 0; s < pipeline.steps.size(); ++s) {
      given.a(s, number) = column.parameters[s].first;
      given.b(s, number) = column.parameters[s].second;
    }
    ++number;
  }
  std::ranges::fill(given.seen, 1);
}

FittedPipeline parse_pipeline(std::string_view text, const std::string& name) {
  const Reader reader(name);
  return reader.pipeline(reader.parse(text));
}

FittedPipeline parse_fitted(std::string_view text, const std::string& name) {
  const Reader reader(name);
  const Json json = reader.parse(text);
  if (reader.text(reader.member(json, "format"), "\"format\"") != kFormat)
    throw reader.error(std::string("is no ") + kFormat + " as --save-fitted writes it");
  FittedPipeline out = reader.pipeline(reader.member(json, "pipeline"));
  const Json& columns = reader.member(json, "columns");
  if (!columns.is_array() || columns.empty()) throw reader.error("\"columns\" must be a list of columns");
  for (const Json& column : columns) out.columns.push_back(reader.column(column, out.pipeline.steps.size()));
  return out;
}

FittedPipeline read_pipeline(const std::filesystem::path& path) {
  return parse_pipeline(read_file(path), path.string());
}
FittedPipeline read_fitted(const std::filesystem::path& path) { return parse_fitted(read_file(path), path.string()); }

std::string pipeline_text(const FittedPipeline& fitted) { return dumped(pipeline_json(fitted), -1); }

std::string fitted_text(const FittedPipeline& fitted) {
  Json json;
  json["format"] = kFormat;
  json["pipeline"] = pipeline_json(fitted);
  json["columns"] = Json::array();
  for (const FittedColumn& column : fitted.columns) {
    Json& out = json["columns"].emplace_back();
    out["name"] = column.name;
    if (column.categorical) {
      out["categories"] = column.categories;
      continue;
    }
    out["parameters"] = Json::array();
    for (const auto& [a, b] : column.parameters)
      out["parameters"].push_back(Json::array({number_json(a), number_json(b)}));
  }
  return dumped(json, 1) + "\n";
}

void write_fitted(const std::filesystem::path& path, const FittedPipeline& fitted) {
  write_file(path, fitted_text(fitted));
}

}  // namespace overtake
