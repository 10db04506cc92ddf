// SPDX-License-Identifier: Apache-2.0
// Runs a test once for every vector instruction set that this CPU has, not only for the best.
#pragma once

#include <gtest/gtest.h>

#include "hwy/targets.h"

namespace overtake {

/// Calls `test()` with Highway's dispatch forced to each target in turn.
template <class Test>
void for_each_highway_target(Test test) {
  const std::int64_t supported = hwy::SupportedTargets();
  for (std::int64_t rest = supported; rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    test();
    if (::testing::Test::HasFatalFailure()) break;
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace overtake
