// SPDX-License-Identifier: Apache-2.0
#include "core/workload/summarize.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/registry/workload_info.h"

namespace overtake {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Part = Summarize::Part;
constexpr std::array<std::pair<std::string_view, Part>, 5> kParts = {{{"all", Part::all},
                                                                      {"moments", Part::moments},
                                                                      {"describe", Part::describe},
                                                                      {"corr", Part::corr},
                                                                      {"groups", Part::groups}}};

View<double> matrix(Arena& arena, std::int64_t rows, std::int64_t cols) {
  return {arena.allocate<double>(static_cast<std::size_t>(rows * cols)).data(), rows, cols, cols};
}

}  // namespace

Summarize::Problem Summarize::Problem::from(const KeyValues& shape, const KeyValues& params) {
  Problem p{TableShape::from(name, shape)};
  const std::string part = params.find("part").value_or("all");
  const auto at = std::ranges::find(kParts, part, &std::pair<std::string_view, Part>::first);
  if (at == kParts.end())
    throw UsageError("part '" + part + "': summarize has the parts all, moments, describe, corr and groups");
  p.part = at->second;
  p.data = params.find("data").value_or("");
  p.cold_l2 = overtake::cold_l2(params);
  return p;
}

Summarize::Problem Summarize::Problem::shrunk(std::int64_t divisor) const {
  Problem less = *this;
  static_cast<TableShape&>(less) = with_fewer_rows(divisor);
  return less;
}

Summarize::Figures Summarize::no_figures() { return {0, 0, kNaN, kNaN, kNaN, {kNaN, kNaN, kNaN}, kNaN, {}}; }

std::array<double, Summarize::kBins + 1> Summarize::bin_edges(double min, double max) {
  const bool constant = min == max;
  const double low = constant ? min - 0.5 : min, high = constant ? max + 0.5 : max;
  const double width = (high - low) / static_cast<double>(kBins);
  std::array<double, kBins + 1> edges;
  for (std::size_t k = 0; k < kBins; ++k) {
    const double from_low = static_cast<double>(k) * width;  // rounded before the sum, as numpy.linspace does
    edges[k] = from_low + low;
  }
  edges[kBins] = high;
  return edges;
}

template <class T>
Summarize::Input<T>::Input(const Problem& p, Arena& arena, const InputSource& source)
    : problem(p), table(make_table<T>(name, p, p.data, arena, source)) {}

template <class T>
Summarize::Output<T>::Output(const Problem& p, const Input<T>&, Arena& arena) {
  const std::int64_t width = p.numeric(), pairs = p.correlates() ? width : 0, groups = p.groups() ? p.levels : 0;
  columns = arena.allocate<Figures>(static_cast<std::size_t>(p.has_figures() ? width : 0));
  correlation = matrix(arena, pairs, pairs);
  group_rows = arena.allocate<std::int64_t>(static_cast<std::size_t>(groups));
  group_means = matrix(arena, groups, width);
}

template <class T>
void Summarize::Output<T>::poison() {
  for (Figures& figures : columns) {
    figures = no_figures();
    figures.count = figures.missing = -1;
    figures.histogram.fill(-1);
  }
  std::fill_n(correlation.data, correlation.size(), kNaN);
  std::ranges::fill(group_rows, -1);
  std::fill_n(group_means.data, group_means.size(), kNaN);
}

Cost Summarize::cost(const Problem& p, Dtype dtype) {
  const double rows = static_cast<double>(p.rows), width = static_cast<double>(p.numeric());
  const double values = rows * width;
  Cost cost{.items = rows};
  cost.bytes_read = values * static_cast<double>(size_of(dtype)) * (p.describes() ? 2 : 1);
  if (p.groups()) cost.bytes_read += rows * static_cast<double>(p.categorical) * sizeof(std::int32_t);
  // A difference, a sum, a product and a sum for mean and deviation, a comparison each for minimum and maximum; with
  // an edge of a bin; a product and a sum for a pair of columns; a sum for a group.
  if (p.has_figures()) cost.flops += 6 * values;
  if (p.describes()) cost.flops += static_cast<double>(kBins) * values;
  if (p.correlates()) cost.flops += values * (width + 1);
  if (p.groups()) cost.flops += values * static_cast<double>(p.categorical);
  return cost;
}

template struct Summarize::Input<float>;
template struct Summarize::Output<float>;

OVERTAKE_WORKLOAD(Summarize);

}  // namespace overtake
