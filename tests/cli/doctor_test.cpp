// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/registry/declared.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

TEST(Doctor, NamesTheMachineAndEveryVariantWithWhatItLacks) {
  const TemporaryFolder folder;
  const Outcome outcome = shell(folder, "overtake doctor");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, ::testing::HasSubstr("host_processor_model_name"));
  EXPECT_THAT(outcome.out, ::testing::HasSubstr("What would distort results"));
  for (const DeclaredVariant& row : declared_variants())
    EXPECT_THAT(outcome.out, ::testing::HasSubstr("\n  " + std::string(row.variant) + " ")) << row.workload;
  EXPECT_TRUE(files_in(folder).empty());
}

}  // namespace
}  // namespace overtake
