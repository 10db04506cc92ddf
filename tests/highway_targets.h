// SPDX-License-Identifier: Apache-2.0
// Runs a test once for every vector instruction set that this CPU has, not only for the best. In a process of its own
// where the workers of the test have to follow: they inherit kTargetVariable, which tests/main.cpp obeys.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "hwy/targets.h"

namespace overtake {

/// Name of an instruction set, as hwy::TargetName gives it, which this process and its workers use.
inline constexpr const char* kTargetVariable = "OVERTAKE_TEST_HIGHWAY_TARGET";

inline void force_highway_target(std::int64_t target) {
  hwy::SetSupportedTargetsForTest(target);
  hwy::GetChosenTarget().Update(target);
}

/// Obeys kTargetVariable. False where this CPU does not have what it names.
inline bool force_highway_target_from_environment() {
  const char* name = std::getenv(kTargetVariable);
  if (name == nullptr) return true;
  for (std::int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    if (std::string_view(hwy::TargetName(target)) != name) continue;
    force_highway_target(target);
    return true;
  }
  return false;
}

/// Calls `test()` with Highway's dispatch forced to each target in turn, here and in processes that it starts.
template <class Test>
void for_each_highway_target(Test test) {
  const std::int64_t supported = hwy::SupportedTargets();
  for (std::int64_t rest = supported; rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    SCOPED_TRACE(hwy::TargetName(target));
    force_highway_target(target);
    setenv(kTargetVariable, hwy::TargetName(target), 1);
    test();
    if (::testing::Test::HasFatalFailure()) break;
  }
  unsetenv(kTargetVariable);
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace overtake
