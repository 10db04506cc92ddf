// SPDX-License-Identifier: Apache-2.0
#include "compare/machine_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compare/text.h"

namespace overtake::compare {
namespace {

using nlohmann::ordered_json;

std::string text_at(const ordered_json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? printable(at->get<std::string>(), 80) : "";
}

std::optional<double> number_at(const ordered_json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number() ? std::optional(at->get<double>()) : std::nullopt;
}

// As number_at, for what is counted: nothing where it cannot be a count.
std::optional<std::size_t> count_at(const ordered_json& object, const char* key) {
  const auto number = number_at(object, key);
  if (!number || !(*number >= 0 && *number < 1e9)) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

std::string gpu_text(const ordered_json& system) {
  const std::string name = text_at(system, "accelerator_model_name");
  const std::size_t count = count_at(system, "accelerators_per_node").value_or(0);
  if (count < 1) return "no GPU seen";
  return (count > 1 ? fmt::format("{} ", count) : "") + (name.empty() ? "GPU of unknown model" : name);
}

void add_distinct(std::string& out, const Run& run, std::string_view words, std::string Row::* member) {
  std::set<std::string> values;
  for (const Row& row : run.rows)
    if (!(row.*member).empty()) values.insert(printable(row.*member, 80));
  if (!values.empty()) out += fmt::format("{}{}", words, fmt::join(values, ", "));
}

}  // namespace

std::string machine_text(const ordered_json& system) {
  if (!system.is_object()) return "A machine without system.json";
  std::string model = text_at(system, "host_processor_model_name");
  std::string out = model.empty() ? "CPU of unknown model" : std::move(model);
  const auto cores = count_at(system, "physical_cores"), allowed = count_at(system, "physical_cores_allowed");
  if (cores && allowed && *allowed != *cores)
    out += fmt::format(", {} of {}", *allowed, count_text(*cores, "core"));
  else if (cores || allowed)
    out += ", " + count_text(cores ? *cores : *allowed, "core");
  const std::string memory = text_at(system, "host_memory_capacity");
  if (!memory.empty()) out += ", " + memory;
  return out + ", " + gpu_text(system);
}

std::vector<std::string> distortions_of(const ordered_json& system) {
  std::vector<std::string> sentences;
  if (!system.is_object() || !system.contains("distortions") || !system["distortions"].is_array()) return sentences;
  for (const auto& sentence : system["distortions"])
    if (sentence.is_string()) sentences.push_back(printable(sentence.get<std::string>(), 500));
  return sentences;
}

std::string run_text(const Run& run) {
  std::string out;
  add_distinct(out, run, "Run ", &Row::run_id);
  if (out.empty()) out = "Run " + printable(run.label);
  add_distinct(out, run, " on ", &Row::system_id);
  std::string first;
  std::size_t samples = 0;
  for (const Row& row : run.rows) {
    if (!row.utc.empty() && (first.empty() || row.utc < first)) first = row.utc;
    samples += row.status == RowStatus::ok ? 1 : 0;
  }
  if (!first.empty()) out += ", " + printable(first.substr(0, 10));
  add_distinct(out, run, ", revision ", &Row::git_revision);
  return out + ": " + count_text(samples, "sample") + ".";
}

}  // namespace overtake::compare
