// SPDX-License-Identifier: Apache-2.0
// The main of every test program. Workers of the pool are this same program, so it asks first whether it is one.
#include <gtest/gtest.h>

#include <cstdio>

#include "core/pool/spawn.h"
#include "tests/highway_targets.h"

int main(int argc, char** argv) {
  // Before all else, so that workers of a test that forces an instruction set use the same.
  if (!overtake::force_highway_target_from_environment()) {
    std::fprintf(stderr, "this CPU does not have the instruction set that %s names\n", overtake::kTargetVariable);
    return 2;
  }
  overtake::worker_entry();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
