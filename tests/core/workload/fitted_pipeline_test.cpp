// SPDX-License-Identifier: Apache-2.0
#include "core/workload/fitted_pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "core/error.h"
#include "core/file.h"
#include "tests/fuzz/pipeline_properties.h"

namespace overtake {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

FittedPipeline example() {
  FittedPipeline fitted;
  fitted.pipeline = Pipeline::parse("impute_median+clip:-inf:0.1+one_hot");
  fitted.leave_out = {"name"};
  const double inf = std::numeric_limits<double>::infinity();
  fitted.columns = {{"a \"quoted\"", false, {}, {{0.1, 0}, {-inf, 0.1}}},
                    {"k", true, {"", "x,y", "\xC3\xA9"}, {}},
                    {"b", false, {}, {{std::nan(""), 1e-300}, {1, 2}}}};
  return fitted;
}

TEST(FittedPipeline, ReadsBackEveryBit) {
  const FittedPipeline before = example();
  const FittedPipeline after = parse_fitted(fitted_text(before), "fitted.json");
  EXPECT_EQ(after.pipeline.to_string(), before.pipeline.to_string());
  EXPECT_EQ(after.leave_out, before.leave_out);
  ASSERT_EQ(after.columns.size(), 3U);
  EXPECT_EQ(after.columns[0].name, before.columns[0].name);
  EXPECT_EQ(after.columns[0].parameters, before.columns[0].parameters);
  EXPECT_EQ(after.columns[1].categories, before.columns[1].categories);
  EXPECT_TRUE(std::isnan(after.columns[2].parameters[0].first));
  EXPECT_EQ(after.columns[2].parameters[0].second, 1e-300);
  EXPECT_EQ(fitted_text(after), fitted_text(before));
}

TEST(FittedPipeline, LetsKeysOfAPipelineBeLeftOut) {
  EXPECT_EQ(parse_pipeline("{}", "p").pipeline.to_string(), "");
  EXPECT_EQ(parse_pipeline(R"({"categorical": "ordinal"})", "p").pipeline.to_string(), "ordinal");
  EXPECT_EQ(parse_pipeline(R"({"numeric": ["log1p", "clip:0:1"]})", "p").pipeline.to_string(), "log1p+clip:0:1");
}

TEST(FittedPipeline, SaysWhatIsWrongWithAFile) {
  const auto pipeline = [](const std::string& text, const std::string& expected) {
    EXPECT_THAT([&] { parse_pipeline(text, "p.json"); },
                ThrowsMessage<UsageError>(AllOf(HasSubstr("p.json: "), HasSubstr(expected))));
  };
  pipeline("", "no JSON");
  pipeline("[1]", "must be an object");
  pipeline(R"({"steps": []})", "\"steps\" is none of numeric, categorical and leave_out");
  pipeline(R"({"numeric": "log1p"})", "must be a list");
  pipeline(R"({"numeric": [3]})", "must be a text");
  pipeline(R"({"numeric": ["impute_men"]})", "impute_men");
  pipeline(R"({"numeric": ["one_hot"]})", "stand at \"categorical\"");
  pipeline(R"({"categorical": "hot"})", "one_hot, ordinal or drop");

  const auto fitted = [](std::string text, const std::string& from, const std::string& to,
                         const std::string& expected) {
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    EXPECT_THAT([&] { parse_fitted(text, "f.json"); },
                ThrowsMessage<UsageError>(AllOf(HasSubstr("f.json: "), HasSubstr(expected))))
        << text;
  };
  const std::string text = fitted_text(example());
  fitted(text, "fitted.1", "fitted.9", "is no overtake-fitted.1");
  fitted(text, "\"columns\"", "\"rows\"", "lacks \"columns\"");
  fitted(text, "\"categories\"", "\"levels\"", "lacks \"parameters\"");
  fitted(text, "x,y", "\xC3\xAA", "sorted");
  fitted(text, "\"nan\"", "\"none\"", "must be a number");
  fitted(text, "impute_median", "log1p\", \"log1p", "parameters of each of the 3 steps");
}

TEST(FittedPipeline, RefusesNamesThatJsonCannotHold) {
  FittedPipeline fitted = example();
  fitted.columns[0].name = "\xFF";
  EXPECT_THAT([&] { fitted_text(fitted); }, ThrowsMessage<UsageError>(HasSubstr("UTF-8")));
}

TEST(FittedPipeline, HoldsItsPropertiesOnTheCorpus) {
  std::size_t files = 0;
  for (const char* folder : {OVERTAKE_FUZZ_CORPUS "/pipeline", OVERTAKE_FUZZ_CORPUS "/fitted"})
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      EXPECT_NO_THROW(check_pipeline(read_file(entry.path()))) << entry.path();
      EXPECT_NO_THROW(check_fitted(read_file(entry.path()))) << entry.path();
      ++files;
    }
  EXPECT_GE(files, 4U);
}

}  // namespace
}  // namespace overtake
