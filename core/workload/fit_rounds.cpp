// SPDX-License-Identifier: Apache-2.0
#include "core/workload/fit_rounds.h"

namespace overtake {

std::vector<Round> rounds_of(const Pipeline& pipeline) {
  std::vector<Round> rounds;
  const auto& steps = pipeline.steps;
  for (std::size_t s = 0; s < steps.size();) {
    if (!steps[s].learns()) {
      ++s;
      continue;
    }
    Round round{s, s + 1};
    const auto needs_reading = [&](StepKind kind) {
      return kind == StepKind::clip || kind == StepKind::log1p || kind == StepKind::impute_median ||
             kind == StepKind::impute_most_frequent;
    };
    while (round.last < steps.size() && !needs_reading(steps[round.last].kind)) ++round.last;
    rounds.push_back(round);
    s = round.last;
  }
  return rounds;
}

std::vector<Round> single_rounds_of(const Pipeline& pipeline) {
  std::vector<Round> rounds;
  for (std::size_t s = 0; s < pipeline.steps.size(); ++s)
    if (pipeline.steps[s].learns()) rounds.push_back({s, s + 1});
  return rounds;
}

}  // namespace overtake
