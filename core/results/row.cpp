// SPDX-License-Identifier: Apache-2.0
#include "core/results/row.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <tuple>

#include "core/csv/number.h"

namespace overtake {
namespace {

constexpr std::array<std::string_view, 5> kStatuses = {"ok", "skipped", "wrong", "implausible", "failed"};

/// Name and member of every column, in the order of the file: the one list that writing and reading walk.
constexpr auto kColumns = std::make_tuple(
    std::pair("schema_version", &Row::schema_version), std::pair("run_id", &Row::run_id),
    std::pair("system_id", &Row::system_id), std::pair("utc", &Row::utc), std::pair("git_revision", &Row::git_revision),
    std::pair("workload", &Row::workload), std::pair("variant", &Row::variant), std::pair("strategy", &Row::strategy),
    std::pair("library", &Row::library), std::pair("dtype", &Row::dtype), std::pair("scope", &Row::scope),
    std::pair("shape", &Row::shape), std::pair("params", &Row::params), std::pair("workers_asked", &Row::workers_asked),
    std::pair("workers", &Row::workers), std::pair("hosts", &Row::hosts), std::pair("gpus", &Row::gpus),
    std::pair("process", &Row::process), std::pair("sample", &Row::sample), std::pair("iterations", &Row::iterations),
    std::pair("seconds", &Row::seconds), std::pair("cpu_seconds", &Row::cpu_seconds), std::pair("flops", &Row::flops),
    std::pair("bytes", &Row::bytes), std::pair("bound", &Row::bound),
    std::pair("ceiling_fraction", &Row::ceiling_fraction), std::pair("check_method", &Row::check_method),
    std::pair("check_error", &Row::check_error), std::pair("check_tolerance", &Row::check_tolerance),
    std::pair("metrics", &Row::metrics), std::pair("status", &Row::status),
    std::pair("status_reason", &Row::status_reason));

constexpr std::size_t kColumnCount = std::tuple_size_v<decltype(kColumns)>;

/// Calls visit(index, name, member) for every column.
template <class Visit>
void for_each_column(Visit visit) {
  std::apply(
      [&](const auto&... column) {
        std::size_t index = 0;
        (visit(index++, std::string_view(column.first), column.second), ...);
      },
      kColumns);
}

std::string text_of(const std::string& value) { return value; }
std::string text_of(std::int64_t value) { return std::to_string(value); }
std::string text_of(double value) { return format_double(value); }
std::string text_of(const KeyValues& value) { return value.to_string(); }
std::string text_of(Workers value) { return value.to_string(); }
std::string text_of(Strategy value) { return std::string(to_string(value)); }
std::string text_of(Dtype value) { return std::string(to_string(value)); }
std::string text_of(Scope value) { return std::string(to_string(value)); }
std::string text_of(RowStatus value) { return std::string(to_string(value)); }
template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : std::string();
}

// Each throws UsageError that says what the text should have been.
void read(std::string_view text, std::string& out) { out = text; }
void read(std::string_view text, std::int64_t& out) {
  const auto value = parse_integer(text);
  if (!value) throw UsageError("'" + std::string(text) + "' is not an integer");
  if (*value < 0) throw UsageError("'" + std::string(text) + "' is negative");
  out = *value;
}
void read(std::string_view text, double& out) {
  const auto value = parse_double(text);
  if (!value) throw UsageError("'" + std::string(text) + "' is not a number");
  if (*value < 0) throw UsageError("'" + std::string(text) + "' is negative");
  out = *value;
}
void read(std::string_view text, KeyValues& out) { out.assign(text); }
void read(std::string_view text, Workers& out) { out = Workers::parse(text); }
void read(std::string_view text, Strategy& out) { out = parse_strategy(text); }
void read(std::string_view text, Dtype& out) { out = parse_dtype(text); }
void read(std::string_view text, Scope& out) { out = parse_scope(text); }
void read(std::string_view text, RowStatus& out) { out = parse_row_status(text); }
template <class T>
void read(std::string_view text, std::optional<T>& out) {
  if (text.empty())
    out.reset();
  else
    read(text, out.emplace());
}

std::size_t index_of(std::string_view column) {
  const auto names = column_names();
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), column) - names.begin());
}

}  // namespace

std::string_view to_string(RowStatus status) { return kStatuses[static_cast<std::size_t>(status)]; }

RowStatus parse_row_status(std::string_view text) {
  const auto found = std::find(kStatuses.begin(), kStatuses.end(), text);
  if (found == kStatuses.end())
    throw UsageError("unknown status '" + std::string(text) + "': use one of ok, skipped, wrong, implausible, failed");
  return static_cast<RowStatus>(found - kStatuses.begin());
}

Cell Row::cell() const { return {workload, variant, dtype, scope, shape, params, workers_asked}; }

std::span<const std::string_view> column_names() {
  static constexpr auto kNames = std::apply(
      [](const auto&... column) {
        return std::array<std::string_view, kColumnCount>{std::string_view(column.first)...};
      },
      kColumns);
  return kNames;
}

std::vector<std::string> to_fields(const Row& row) {
  std::vector<std::string> fields;
  fields.reserve(kColumnCount);
  for_each_column([&](std::size_t, std::string_view, auto member) { fields.push_back(text_of(row.*member)); });
  return fields;
}

Row row_from_fields(std::span<const std::string> fields) {
  const std::vector<std::string_view> views(fields.begin(), fields.end());
  return RowParser().parse(views);
}

const Row& RowParser::parse(std::span<const std::string_view> fields) {
  if (fields.size() != kColumnCount)
    throw UsageError("a results row has " + std::to_string(kColumnCount) + " cells, this one " +
                     std::to_string(fields.size()));
  const bool is_first = texts_.empty();
  texts_.resize(kColumnCount);
  for_each_column([&](std::size_t index, std::string_view name, auto member) {
    if (!is_first && texts_[index] == fields[index]) return;
    try {
      read(fields[index], row_.*member);
    } catch (const UsageError& error) {
      throw CellError(index, "column '" + std::string(name) + "': " + error.what());
    }
    texts_[index] = fields[index];
  });
  if (row_.schema_version != 1)
    throw CellError(index_of("schema_version"),
                    "column 'schema_version': this program reads version 1, the file says " +
                        std::to_string(row_.schema_version) + ": read it with the version of overtake that wrote it");
  if (row_.status == RowStatus::ok && !(row_.seconds && std::isfinite(*row_.seconds)))
    throw CellError(index_of("seconds"), "column 'seconds': a row with status ok needs a finite time, not '" +
                                             std::string(fields[index_of("seconds")]) + "'");
  return row_;
}

}  // namespace overtake
