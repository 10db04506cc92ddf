// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"

#include <gtest/gtest.h>

namespace overtake {
namespace {

TEST(Status, WorstFollowsTheDocumentedOrder) {
  EXPECT_EQ(worst({}), Status::good);
  EXPECT_EQ(worst({Status::undecided, Status::missing}), Status::missing);
  EXPECT_EQ(worst({Status::missing, Status::not_comparable}), Status::not_comparable);
  EXPECT_EQ(worst({Status::not_comparable, Status::failure}), Status::failure);
  EXPECT_EQ(worst(Status::usage, Status::failure), Status::usage);
  EXPECT_EQ(worst({Status::good, Status::usage, Status::interrupted}), Status::interrupted);
}

}  // namespace
}  // namespace overtake
