// SPDX-License-Identifier: Apache-2.0
// The checkers, checked: right answers pass and every fault that a workload can plant is caught. `overtake doctor
// --selftest` shows it to users, a test holds it.
#pragma once

#include <string>
#include <vector>

#include "core/cell.h"

namespace overtake::bench {

struct FaultResult {
  std::string name;    // "right answer", "does nothing", "stale result", or the workload's own
  bool as_it_should;   // a right answer was accepted, a fault was refused
  std::string detail;  // what the checker said
};

/// A small problem of each workload and dtype, and the largest of the default suite.
std::vector<Cell> selftest_cells();
/// The small ones only.
std::vector<Cell> small_selftest_cells();

/// `cell.variant` computes the right answers.
std::vector<FaultResult> selftest(const Cell&);

}  // namespace overtake::bench
