// SPDX-License-Identifier: Apache-2.0
// Whether the cores themselves ran faster or slower throughout one of two runs of a system: another clock, or a
// neighbour on the same core. A row's own ceiling is the best sample of its probe, which such a neighbour does not
// move.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "compare/measured.h"
#include "compare/verdict.h"

namespace overtake::compare {

class CoreSpeed {
 public:
  /// Of the probes of arithmetic and of the first-level cache that both runs have, by number of workers: the one whose
  /// Hodges-Lehmann ratio of times moved most, among those that Holm's correction leaves significant and that moved by
  /// more than Limits::ceiling_moved.
  CoreSpeed(const MeasuredRun& base, const MeasuredRun& other, const Limits&);

  /// "the cores ran 14 % slower throughout (ceiling read, L1)", or nothing where they did not.
  std::optional<std::string> change(Workers) const;

 private:
  struct Change {
    double ratio = 1;  // of times, other / base
    std::string probe;
  };
  std::map<int, Change> changes_;  // by number of workers
};

}  // namespace overtake::compare
