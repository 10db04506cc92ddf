// SPDX-License-Identifier: Apache-2.0
// Figures of tables against those that pandas 3.1.1 and numpy 2.4.6 give.
#include "cpu/summarize/engine/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/memory/mapped_file.h"

namespace overtake {
namespace {

using testing::ElementsAre;

Summary of(std::string_view text, int workers = 1) {
  return summarize(read_csv<float>(text, "t.csv", 1, team_of_one()), team_of_threads(workers));
}

TEST(Summary, GivesTheFiguresOfPandasOnASmallTable) {
  // pandas: describe(), corr(), groupby("k").mean(); numpy.histogram of x without its missing value.
  const Summary s = of("x,y,k\n1,2,b\n2,,a\n4,5,b\n,7,\n10,1,a\n");
  ASSERT_EQ(s.numeric.size(), 2U);
  const ColumnSummary& x = s.numeric[0];
  EXPECT_EQ(x.count, 4);
  EXPECT_EQ(x.missing, 1);
  EXPECT_DOUBLE_EQ(x.mean, 4.25);
  EXPECT_DOUBLE_EQ(x.deviation, 4.031128874149275);
  EXPECT_EQ(x.min, 1);
  EXPECT_EQ(x.lower_quartile, 1.75);
  EXPECT_EQ(x.median, 3);
  EXPECT_EQ(x.upper_quartile, 5.5);
  EXPECT_EQ(x.max, 10);
  EXPECT_THAT(x.histogram, ElementsAre(1, 1, 0, 1, 0, 0, 0, 0, 0, 1));
  EXPECT_NEAR(s.correlation[1], -0.4193139346887673, 1e-15);
  EXPECT_EQ(s.correlation[1], s.correlation[2]);
  EXPECT_DOUBLE_EQ(s.correlation[0], 1);
  ASSERT_EQ(s.categorical.size(), 1U);
  EXPECT_EQ(s.categorical[0].missing, 1);
  EXPECT_THAT(s.categorical[0].rows, ElementsAre(2, 2));
  EXPECT_THAT(s.categorical[0].means, ElementsAre(ElementsAre(6, 1), ElementsAre(2.5, 3.5)));
}

TEST(Summary, SaysNothingWhereThereIsNothingToSay) {
  const Summary s = of("none,one,same,huge\n,5,7,inf\n,,7,1\n");
  EXPECT_EQ(s.numeric[0].count, 0);
  EXPECT_TRUE(std::isnan(s.numeric[0].mean) && std::isnan(s.numeric[0].median) && std::isnan(s.numeric[0].max));
  EXPECT_EQ(s.numeric[1].mean, 5);
  EXPECT_EQ(s.numeric[1].median, 5);
  EXPECT_TRUE(std::isnan(s.numeric[1].deviation));
  EXPECT_EQ(s.numeric[2].deviation, 0);
  EXPECT_THAT(s.numeric[2].histogram, ElementsAre(0, 0, 0, 0, 0, 2, 0, 0, 0, 0));
  EXPECT_TRUE(std::isinf(s.numeric[3].mean));
  EXPECT_TRUE(std::isnan(s.numeric[3].deviation));
  for (const double r : s.correlation) EXPECT_TRUE(std::isnan(r));
}

TEST(Summary, DoesNotDependOnTheNumberOfWorkers) {
  const MappedFile file{std::filesystem::path(OVERTAKE_TEST_DATA "/penguins.csv")};
  const Summary one = of(file.text(), 1), three = of(file.text(), 3);
  EXPECT_EQ(one.correlation, three.correlation);
  ASSERT_EQ(one.numeric.size(), 4U);
  for (std::size_t j = 0; j < 4; ++j) {
    EXPECT_EQ(one.numeric[j].mean, three.numeric[j].mean);
    EXPECT_EQ(one.numeric[j].deviation, three.numeric[j].deviation);
  }
  EXPECT_EQ(one.categorical[0].means, three.categorical[0].means);
  // body_mass_g by pandas: mean 4201.754386, std 801.954536, quartiles 3550, 4050, 4750.
  EXPECT_NEAR(one.numeric[3].mean, 4201.754386, 1e-6);
  EXPECT_NEAR(one.numeric[3].deviation, 801.954536, 1e-6);
  EXPECT_EQ(one.numeric[3].lower_quartile, 3550);
  EXPECT_EQ(one.numeric[3].median, 4050);
  EXPECT_EQ(one.numeric[3].upper_quartile, 4750);
}

}  // namespace
}  // namespace overtake
