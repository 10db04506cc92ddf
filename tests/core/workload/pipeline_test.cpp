// SPDX-License-Identifier: Apache-2.0
#include "core/workload/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/error.h"

namespace overtake {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Pipeline, ReadsStepsInTheirOrder) {
  const Pipeline p = Pipeline::parse("log1p+one_hot+impute_constant:-2.5+clip:-inf:3+min_max+standardise+impute_mean");
  ASSERT_EQ(p.steps.size(), 6U);
  EXPECT_TRUE(p.one_hot);
  EXPECT_EQ(p.steps[0].kind, StepKind::log1p);
  EXPECT_EQ(p.steps[1].kind, StepKind::impute_constant);
  EXPECT_EQ(p.steps[1].a, -2.5);
  EXPECT_EQ(p.steps[2].a, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(p.steps[2].b, 3);
  EXPECT_EQ(p.steps[5].kind, StepKind::impute_mean);
  EXPECT_TRUE(p.learns());
  EXPECT_FALSE(Pipeline::parse("log1p+clip:0:1+impute_constant:0").learns());
}

TEST(Pipeline, RoundsItsNumbersToFloat32) {
  EXPECT_EQ(Pipeline::parse("impute_constant:0.1").steps[0].a, static_cast<double>(0.1f));
}

TEST(Pipeline, ReadsBackWhatItWrites) {
  for (const char* text : {"impute_mean+standardise+one_hot", "one_hot", "clip:-inf:inf", "impute_constant:1e30+log1p",
                           "impute_constant:1e-30", "min_max+min_max"}) {
    const Pipeline once = Pipeline::parse(text), twice = Pipeline::parse(once.to_string());
    EXPECT_EQ(once.to_string(), twice.to_string()) << text;
    EXPECT_EQ(once.one_hot, twice.one_hot);
    ASSERT_EQ(once.steps.size(), twice.steps.size());
    for (std::size_t s = 0; s < once.steps.size(); ++s) {
      EXPECT_EQ(once.steps[s].kind, twice.steps[s].kind);
      EXPECT_EQ(once.steps[s].a, twice.steps[s].a);
      EXPECT_EQ(once.steps[s].b, twice.steps[s].b);
    }
  }
}

TEST(Pipeline, SaysWhichStepItDoesNotKnowAndWhatThereIs) {
  for (const char* bad :
       {"", "imput_mean", "impute_mean+", "+log1p", "standardise:2", "clip:1", "clip:1:2:3", "clip:2:1", "clip:nan:1",
        "clip::1", "impute_constant", "impute_constant:x", "impute_constant:inf", "impute_constant:1e40",
        "one_hot+log1p+one_hot", "one_hot+ordinal", "Log1p", " log1p"})
    EXPECT_THAT([&] { Pipeline::parse(bad); },
                ThrowsMessage<UsageError>(HasSubstr("clip:LOW:HIGH, log1p, one_hot and ordinal")))
        << bad;
  EXPECT_THAT([] { Pipeline::parse("log1p+clip:2:1"); },
              ThrowsMessage<UsageError>(AllOf(HasSubstr("'clip:2:1'"), HasSubstr("lower bound above"))));
}

}  // namespace
}  // namespace overtake
