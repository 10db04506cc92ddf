// SPDX-License-Identifier: Apache-2.0
// The word that a comparison says of one row, and when it says which. For comparisons of runs and of variants.
#pragma once

#include <string_view>

#include "compare/statistics.h"
#include "core/error.h"

namespace overtake::compare {

enum class Verdict {
  faster,
  slower,
  same,             // within noise, and a change of Limits::same_within is excluded
  undecided,        // the interval contains both no change and one of Limits::same_within
  machine_changed,  // what the machine can do moved between two runs of one system
  missing,          // measured on one side only
  not_comparable,   // an answer was wrong, implausible or not obtained
};

struct Limits {
  double threshold = 0.03;      // a smaller difference is nobody's concern
  double same_within = 0.10;    // an interval that excludes so large a change says 'same'
  double ceiling_moved = 0.05;  // beyond this the machine changed
};

/// From ratio alone: faster, slower, same or undecided. Faster and slower need an interval that excludes 1 and an
/// estimate beyond the threshold.
Verdict judge(const Ratio&, const Limits& = {});

/// "slower", "same within noise", …
std::string_view to_string(Verdict);
/// What a row with this verdict makes of the exit status.
Status status_of(Verdict);

}  // namespace overtake::compare
