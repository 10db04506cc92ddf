// SPDX-License-Identifier: Apache-2.0
// The noise floor: the smallest change that a machine could show in a run, from cells that the run timed twice (A/A).
// For comparisons and summaries.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compare/measured.h"

namespace overtake::compare {

struct NoiseFloor {
  Cell cell;       // that was timed twice, without the parameter aa
  double largest;  // change that the A/A interval at 95 % still allows, as a fraction: 0.02
};

/// By workload; where a workload has several cells with twins, the noisiest. A pair with too few units for an interval
/// counts with its largest ratio of two units.
class NoiseFloors {
 public:
  explicit NoiseFloors(const std::vector<Measured>& cells);
  /// 0 where the run holds no A/A rows.
  double of(const std::string& workload) const;
  const std::map<std::string, NoiseFloor>& all() const { return floors_; }

 private:
  std::map<std::string, NoiseFloor> floors_;
};

}  // namespace overtake::compare
