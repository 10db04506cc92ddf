// SPDX-License-Identifier: Apache-2.0
#include "compare/verdict.h"

namespace overtake::compare {

Verdict judge(const Ratio& ratio, const Limits& limits) {
  if (!ratio.has_interval()) return Verdict::undecided;
  if (!ratio.contains(1)) {
    if (ratio.estimate > 1 + limits.threshold) return Verdict::slower;
    if (ratio.estimate < 1 / (1 + limits.threshold)) return Verdict::faster;
    return Verdict::same;
  }
  const bool narrow = ratio.high < 1 + limits.same_within && ratio.low > 1 / (1 + limits.same_within);
  return narrow ? Verdict::same : Verdict::undecided;
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::faster:
      return "faster";
    case Verdict::slower:
      return "slower";
    case Verdict::same:
      return "same within noise";
    case Verdict::undecided:
      return "undecided";
    case Verdict::machine_changed:
      return "machine changed";
    case Verdict::missing:
      return "missing";
    case Verdict::not_comparable:
      return "not comparable";
  }
  return "";
}

Status status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::slower:
      return Status::failure;
    case Verdict::undecided:
    case Verdict::machine_changed:
      return Status::undecided;
    case Verdict::missing:
      return Status::missing;
    case Verdict::not_comparable:
      return Status::not_comparable;
    default:
      return Status::good;
  }
}

}  // namespace overtake::compare
