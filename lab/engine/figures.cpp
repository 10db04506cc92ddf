// SPDX-License-Identifier: Apache-2.0
#include "lab/engine/figures.h"

#include <fmt/format.h>

#include <set>

#include "compare/statistics.h"
#include "core/csv/number.h"

namespace overtake::lab {
namespace {

bool holds(const Row& row, std::string_view condition) {
  if (condition.empty()) return true;
  const std::size_t equals = condition.find('=');
  const std::string_view key = condition.substr(0, equals), value = condition.substr(equals + 1);
  return row.params.find(key) == value || row.shape.find(key) == value;
}

}  // namespace

Figures::Figures(std::span<const Row> rows) : rows_(rows.begin(), rows.end()) {}

std::vector<const Row*> Figures::rows_of(std::string_view variant, int workers, std::string_view condition) const {
  std::vector<const Row*> found;
  for (const Row& row : rows_)
    if (row.variant == variant && row.workers_asked.count == workers && holds(row, condition)) found.push_back(&row);
  return found;
}

int Figures::integer_of_any(std::string_view metric) const {
  for (const Row& row : rows_)
    if (row.metrics.contains(metric)) return static_cast<int>(row.metrics.integer(metric));
  throw MissingFigure(fmt::format("no row says how many {} there were", metric));
}

int Figures::cores() const { return integer_of_any("cores"); }
int Figures::cpus() const { return integer_of_any("cpus"); }

double Figures::seconds(std::string_view variant, int workers, std::string_view condition) const {
  std::vector<double> seconds;
  for (const Row* row : rows_of(variant, workers, condition))
    if (row->status == RowStatus::ok) seconds.push_back(row->seconds.value());
  if (seconds.empty()) {
    const std::string with = condition.empty() ? "" : fmt::format(" ({})", condition);
    throw MissingFigure(fmt::format("there is no time of {}{} with {} {}", variant, with, workers,
                                    workers == 1 ? "worker" : "workers"));
  }
  return compare::median(seconds);
}

bool Figures::has(std::string_view variant, int workers, std::string_view condition) const {
  return count(variant, workers, RowStatus::ok, condition) > 0;
}

std::vector<double> Figures::metric(std::string_view variant, int workers, std::string_view key,
                                    std::string_view condition) const {
  std::vector<double> values;
  for (const Row* row : rows_of(variant, workers, condition))
    if (const auto text = row->metrics.find(key))
      if (const auto value = parse_double(*text)) values.push_back(*value);
  return values;
}

std::size_t Figures::count(std::string_view variant, int workers, RowStatus status, std::string_view condition) const {
  std::size_t count = 0;
  for (const Row* row : rows_of(variant, workers, condition)) count += row->status == status ? 1 : 0;
  return count;
}

std::vector<int> Figures::workers(std::string_view variant, std::string_view condition) const {
  std::set<int> found;
  for (const Row& row : rows_)
    if (row.variant == variant && holds(row, condition)) found.insert(row.workers_asked.count);
  return {found.begin(), found.end()};
}

std::string Figures::reason(std::string_view variant, int workers, std::string_view condition) const {
  for (const Row* row : rows_of(variant, workers, condition))
    if (row->status != RowStatus::ok) return row->status_reason;
  return "";
}

}  // namespace overtake::lab
