// SPDX-License-Identifier: Apache-2.0
// The word that a comparison says of one row, and when it says which. For comparisons of runs and of variants.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compare/statistics.h"
#include "core/error.h"

namespace overtake::compare {

enum class Verdict {
  faster,
  slower,
  same,             // within noise: a change beyond the margin is excluded, or the change seen lies within it
  undecided,        // the samples exclude neither
  machine_changed,  // what the machine can do moved between two runs of one system
  missing,          // measured on one side only
  not_comparable,   // other things than asked for differ, or an answer was wrong, not obtained or not verified
};

struct Limits {
  double threshold = 0.03;      // a smaller change is nobody's concern
  double ceiling_moved = 0.05;  // beyond this the machine changed
  double alpha = 0.05;          // chance of any false 'slower' or 'faster' in a comparison in which nothing changed
};

/// "3%" or "0.03"; throws UsageError where it is neither or not in [0, 10].
double parse_threshold(const std::string& text);

/// A ratio with what its verdict depends on besides.
struct Question {
  Ratio ratio;
  double corrected_p = 1;  // over all rows that are judged together
  double noise_floor = 0;  // smallest change that the machines could show
};

struct Answer {
  Verdict verdict = Verdict::undecided;
  /// Of undecided: units (processes, or samples where these are the unit) a side that would probably decide, beyond
  /// those there are; nothing where no realistic number would.
  std::optional<std::size_t> more_units;
};

/// slower, faster: corrected p below alpha and the estimate beyond the margin, which is the larger of threshold and
/// noise floor. same: the interval lies within the margin, or p is that small and the estimate within it. `rows` are
/// judged together.
Answer judge(const Question&, std::size_t rows, const Limits& = {});

/// Each one's verdict after Holm's correction over all of them, which it fills in.
std::vector<Answer> judge_together(std::span<Question>, const Limits& = {});
/// A single ratio of one run, nothing corrected.
Verdict judge_alone(const Ratio&, const Limits& = {});

/// "slower", "same within noise", …
std::string_view to_string(Verdict);
/// What a row with this verdict makes of the exit status.
Status status_of(Verdict);

}  // namespace overtake::compare
