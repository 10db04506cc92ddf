// SPDX-License-Identifier: Apache-2.0
#include "compare/noise.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace overtake::compare {
namespace {

Cell without_aa(const Cell& cell) {
  Cell plain = cell;
  plain.params = {};
  for (const auto& [key, value] : cell.params)
    if (key != kAaParam) plain.params.set(key, std::string_view(value));
  return plain;
}

// The largest ratio of a unit of one and a unit of the other, either way round.
double widest(const Processes& a, const Processes& b) {
  double low = std::numeric_limits<double>::infinity(), high = 0;
  for (const Processes* side : {&a, &b})
    for (const auto& samples : *side) {
      low = std::min(low, median(samples));
      high = std::max(high, median(samples));
    }
  return high / low;
}

double floor_between(const Measured& a, const Measured& b) {
  const Ratio ratio = hodges_lehmann_ratio(a.seconds, b.seconds);
  if (ratio.unit == Unit::none) return 0;
  return (ratio.has_interval ? std::max(ratio.high, 1 / ratio.low) : widest(a.seconds, b.seconds)) - 1;
}

}  // namespace

NoiseFloors::NoiseFloors(const std::vector<Measured>& cells) {
  std::map<std::string, std::vector<const Measured*>> twins;
  for (const Measured& cell : cells)
    if (is_aa(cell.cell) && cell.is_ok()) twins[key_of(without_aa(cell.cell))].push_back(&cell);
  for (const auto& [key, pair] : twins) {
    if (pair.size() != 2) continue;
    const NoiseFloor floor{without_aa(pair[0]->cell), floor_between(*pair[0], *pair[1])};
    const auto [at, is_new] = floors_.try_emplace(floor.cell.workload, floor);
    if (!is_new && floor.largest > at->second.largest) at->second = floor;
  }
}

double NoiseFloors::of(const std::string& workload) const {
  const auto at = floors_.find(workload);
  return at == floors_.end() ? 0 : at->second.largest;
}

}  // namespace overtake::compare
