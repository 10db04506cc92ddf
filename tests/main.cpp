// SPDX-License-Identifier: Apache-2.0
// The main of every test program. Workers of the pool are this same program, so it asks first whether it is one.
#include <gtest/gtest.h>

#include "core/pool/spawn.h"

int main(int argc, char** argv) {
  overtake::worker_entry();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
