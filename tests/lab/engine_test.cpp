// SPDX-License-Identifier: Apache-2.0
// What labs share: words, bars, figures, crews of threads, the model interpreter, messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <set>

#include "lab/engine/crew.h"
#include "lab/engine/interpreter.h"
#include "lab/engine/messages.h"
#include "lab/engine/words.h"
#include "tests/lab/made_up.h"

namespace overtake::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Words, CompareTimesWithinAFifth) {
  EXPECT_EQ(as_long_as(1.19, 1), "about as long as");
  EXPECT_EQ(as_long_as(1, 1.19), "about as long as");
  EXPECT_EQ(as_long_as(3, 1), "3.00 times as long as");
  EXPECT_EQ(as_long_as(1, 4), "only 0.25 times as long as");
  EXPECT_EQ(as_long_as(0, 0), "about as long as");
}

TEST(Words, GroupDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(-1234), "-1,234");
}

TEST(Words, FindTheRange) {
  EXPECT_EQ(range_of(0.5, {1, 2}), 0U);
  EXPECT_EQ(range_of(1, {1, 2}), 1U);
  EXPECT_EQ(range_of(7, {1, 2}), 2U);
  EXPECT_EQ(range_of(std::nan(""), {1, 2}), 0U);
}

TEST(Words, BreakLinesBetweenWords) {
  EXPECT_EQ(wrapped("one two three", 7), "one two\nthree\n");
  EXPECT_EQ(wrapped("one two", 7, 2), "  one\n  two\n");
  EXPECT_EQ(wrapped("incomprehensible", 5), "incomprehensible\n");
  EXPECT_EQ(wrapped("", 5), "");
}

TEST(Bars, AreInProportionAndNeverWiderThanTheTerminal) {
  const std::string text = drawn({{"Times:", {{"a", 4, "4 s"}, {"long name", 2, "2 s"}, {"b", 0, "0 s"}}}}, 41);
  // 41 columns without 9 of label, 3 of text and 6 between: 23.
  std::string full, half;
  for (int i = 0; i < 23; ++i) full += "█";
  for (int i = 0; i < 11; ++i) half += "█";
  EXPECT_EQ(text, "Times:\n  a          " + full + " 4 s\n  long name  " + half + "▌ 2 s\n  b          0 s\n\n");
}

TEST(Bars, ShowWhatIsMoreThanNothingAndSurviveBadValues) {
  const std::string text =
      drawn({{"t", {{"a", 1e9, "x"}, {"b", 1e-9, "y"}, {"c", NAN, "z"}, {"d", INFINITY, "i"}}}}, 30);
  EXPECT_THAT(text, HasSubstr("b  ▌ y"));
  EXPECT_THAT(text, HasSubstr("c  z"));
  EXPECT_EQ(drawn({}, 80), "");
}

TEST(FiguresOfRows, AreMediansByVariantWorkersAndCondition) {
  MadeUp made_up(3);
  made_up.add("a", 2, 10, "size=1").add("a", 2, 20, "size=2").add("a", 4, 5);
  made_up.add_bad("bad", 2, RowStatus::wrong, {{"lost", "7"}}).skip("gone", 1, "", "no room");
  const Figures figures = made_up.figures();
  EXPECT_EQ(figures.cores(), 3);
  EXPECT_DOUBLE_EQ(figures.seconds("a", 2, "size=1"), 10);
  EXPECT_DOUBLE_EQ(figures.seconds("a", 2, "size=2"), 20);
  EXPECT_THAT(figures.workers("a"), ElementsAre(2, 4));
  EXPECT_FALSE(figures.has("a", 2, "size=3"));
  EXPECT_FALSE(figures.has("bad", 2));
  EXPECT_EQ(figures.count("bad", 2, RowStatus::wrong), 1U);
  EXPECT_THAT(figures.metric("bad", 2, "lost"), ElementsAre(7));
  EXPECT_EQ(figures.reason("gone", 1), "no room");
  EXPECT_THROW(figures.seconds("bad", 2), MissingFigure);
  EXPECT_THROW(Figures({}).cores(), MissingFigure);
}

TEST(Crew, RunsEveryWorkerOnce) {
  for (const int workers : {1, 2, 3, 17}) {
    for (const Placement placement : {Placement::own_cores, Placement::anywhere}) {
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(workers));
      const CrewTime time =
          time_crew(workers, [&](int worker) { ++calls[static_cast<std::size_t>(worker)]; }, placement);
      for (const auto& count : calls) EXPECT_EQ(count, 1);
      EXPECT_GE(time.seconds, 0);
      EXPECT_GE(time.cpu_seconds, 0);
    }
  }
}

TEST(ModelInterpreter, ComputesTheSameUnderItsLock) {
  Interpreter locked(Interpreter::Lock::global), free(Interpreter::Lock::none);
  for (const std::int64_t instructions :
       {std::int64_t{0}, std::int64_t{1}, Interpreter::kSwitchInterval, 3 * Interpreter::kSwitchInterval + 1})
    EXPECT_EQ(locked.compute(instructions), free.compute(instructions));
  // By hand: a multiplication and an addition.
  EXPECT_EQ(free.compute(2), 6364136223846793005ULL + 1442695040888963407ULL);
  locked.wait(0);
}

TEST(Messages, OfEverySizeAreAnsweredRightByEveryWay) {
  Messenger messenger(1 << 20);
  for (const Way way : {Way::pipe, Way::socket, Way::shared_memory, Way::copy})
    for (const std::size_t bytes : {0, 8, 4096, 65536 + 8, 1 << 20})
      for (const std::int64_t times : {1, 3}) {
        const Timed timed = messenger.exchange(way, bytes, times);
        EXPECT_EQ(timed.error, 0) << to_string(way) << " " << bytes;
        EXPECT_GT(timed.seconds, 0);
      }
  EXPECT_THROW(messenger.exchange(Way::pipe, (1 << 20) + 8, 1), std::logic_error);
}

}  // namespace
}  // namespace overtake::lab
