// SPDX-License-Identifier: Apache-2.0
// Which cell of one run stands against which of another: equal in everything but the one dimension that is compared.
#pragma once

#include <string>
#include <vector>

#include "compare/measured.h"

namespace overtake::compare {

/// What is to differ between the two sides of a comparison.
struct Dimension {
  enum class Kind { system, variant, workers, param } kind = Kind::system;
  std::string param;  // of Kind::param
  /// "system", "variant", "workers", "param:NAME"; throws UsageError that lists them.
  static Dimension parse(const std::string& text);
  std::string to_string() const;
  /// The cell's value: "openmp", "2", "pad=24"; "" for system.
  std::string value_of(const Cell&) const;
};

struct Match {
  const Measured* base = nullptr;   // nullptr: nothing in base stands against other
  const Measured* other = nullptr;  // nullptr: the reverse
  std::string difference;           // what keeps these two from being compared: "scope differs: kernel, end_to_end"
};

/// By system every cell of both runs occurs once; what has no equal is laid beside a cell that has none either and
/// differs in a single field. By another dimension each cell of `other` stands against the one of `base` that differs
/// in it alone and has the base value: the workload's baseline (of as many workers, otherwise its only one), the fewest
/// workers, or the first value of the parameter in the order of places; A/A cells and ceilings are left out.
std::vector<Match> match(const std::vector<Measured>& base, const std::vector<Measured>& other, const Dimension&,
                         const Baselines&);

}  // namespace overtake::compare
