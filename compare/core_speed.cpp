// SPDX-License-Identifier: Apache-2.0
#include "compare/core_speed.h"

#include <fmt/format.h>

#include <cmath>
#include <unordered_map>
#include <vector>

#include "compare/statistics.h"
#include "compare/text.h"

namespace overtake::compare {
namespace {

bool is_of_cores(const Measured& probe) {
  return probe.cell.workload == "ceiling" && probe.is_ok() &&
         (probe.cell.variant == "fma" || probe.cell.shape.find("level") == "L1");
}

// For the same work, where it is known: a probe's follows from the machine.
Processes times(const Measured& probe) {
  Processes per_work = probe.costs(Metric::rate);
  return per_work.empty() ? probe.seconds : per_work;
}

}  // namespace

CoreSpeed::CoreSpeed(const MeasuredRun& base, const MeasuredRun& other, const Limits& limits) {
  std::unordered_map<std::string, const Measured*> places;
  for (const Measured& probe : base.cells)
    if (is_of_cores(probe)) places[key_of(probe.cell)] = &probe;
  std::vector<const Measured*> probes;
  std::vector<double> p, ratios;
  for (const Measured& probe : other.cells) {
    const auto at = is_of_cores(probe) ? places.find(key_of(probe.cell)) : places.end();
    if (at == places.end()) continue;
    const Ratio ratio = hodges_lehmann_ratio(times(*at->second), times(probe));
    probes.push_back(&probe);
    ratios.push_back(ratio.estimate);
    p.push_back(ratio.p);
  }
  const auto corrected = holm(p);
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const double moved = std::abs(std::log(ratios[i]));
    if (corrected[i] >= limits.alpha || moved <= std::log1p(limits.ceiling_moved)) continue;
    const Cell& cell = probes[i]->cell;
    Change& change = changes_[cell.workers.count];
    if (moved > std::abs(std::log(change.ratio)))
      change = {ratios[i], fmt::format("ceiling {}, {}", cell.variant, cell.shape.find("level").value_or(""))};
  }
}

std::optional<std::string> CoreSpeed::change(Workers workers) const {
  const auto at = changes_.find(workers.count);
  if (at == changes_.end()) return std::nullopt;
  const double ratio = at->second.ratio;
  return fmt::format("the cores ran {} {} throughout ({})", percent_text(std::abs(ratio - 1)),
                     ratio > 1 ? "slower" : "faster", at->second.probe);
}

}  // namespace overtake::compare
