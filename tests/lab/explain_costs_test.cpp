// SPDX-License-Identifier: Apache-2.0
// What sharing, lock, oversubscribe, overhead and map say follows their figures: fed with the opposite, the words
// change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/lab/made_up.h"

namespace overtake::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

MadeUp shared_line(double packed, double padded, double packed_alone = 1e-9, int cores = 2, int cpus = 0) {
  return MadeUp(cores, cpus == 0 ? cores : cpus)
      .add("padded", 1, 1e-9)
      .add("packed", 1, packed_alone)
      .add("padded", 2, padded)
      .add("packed", 2, packed);
}

TEST(SharingExplained, BlamesTheNeighbourWhereOnlyTheSharedLineIsSlow) {
  const Explanation slow = explanation_of("sharing", shared_line(8e-9, 1e-9));
  ASSERT_EQ(slow.sentences.size(), 3U);
  EXPECT_EQ(slow.answer, 3U);
  EXPECT_THAT(slow.sentences[0], AllOf(HasSubstr("8.00 ns"), HasSubstr("8.00 times as long as with padding")));
  EXPECT_THAT(slow.sentences[1], HasSubstr("it is the neighbour that costs"));
  EXPECT_THAT(slow.sentences[2], HasSubstr("padding made them independent"));
}

TEST(SharingExplained, TakesItBackWhereTheFiguresDo) {
  const Explanation alike = explanation_of("sharing", shared_line(1e-9, 1e-9));
  EXPECT_EQ(alike.answer, 0U);
  EXPECT_THAT(alike.sentences[0], HasSubstr("about as long as with padding"));
  EXPECT_THAT(alike.sentences[1], AllOf(HasSubstr("hardly moved"), Not(HasSubstr("neighbour"))));

  const Explanation one_core = explanation_of("sharing", shared_line(2e-9, 2e-9, 1e-9, 1));
  EXPECT_THAT(one_core.sentences[1], HasSubstr("false sharing needs two cores"));
  EXPECT_THAT(one_core.sentences[2], HasSubstr("had to share 1 core"));

  // Two hardware threads of one core do run at once.
  const Explanation siblings = explanation_of("sharing", shared_line(2e-9, 2e-9, 1e-9, 1, 2));
  EXPECT_THAT(siblings.sentences[1], AllOf(HasSubstr("siblings"), Not(HasSubstr("needs two cores"))));

  const Explanation reversed = explanation_of("sharing", shared_line(1e-9, 8e-9));
  EXPECT_THAT(reversed.sentences[0], HasSubstr("only 0.12 times as long as"));
  EXPECT_THAT(reversed.sentences[1], HasSubstr("reverse of false sharing"));
  EXPECT_THAT(reversed.sentences[2], HasSubstr("did not make them independent"));

  const Explanation slow_alone = explanation_of("sharing", shared_line(8e-9, 1e-9, 8e-9));
  EXPECT_THAT(slow_alone.sentences[1], HasSubstr("without any neighbour"));
}

// Two threads on a counter under a mutex and in another way; stretches of the interpreter's tasks with two threads.
MadeUp counters(double mutex_two, double own_two, double locked, double waiting, double freely, int cores = 2) {
  return MadeUp(cores)
      .add("mutex", 1, 10e-9)
      .add("mutex", 2, mutex_two)
      .add("striped", 1, 12e-9)
      .add("striped", 2, 30e-9)
      .add("atomic", 1, 5e-9)
      .add("atomic", 2, 20e-9)
      .add("own", 1, 1e-9)
      .add("own", 2, own_two)
      .add("global_lock", 1, 1e-3, "work=computing")
      .add("global_lock", 2, locked * 1e-3, "work=computing")
      .add("global_lock", 1, 1e-2, "work=waiting")
      .add("global_lock", 2, waiting * 1e-2, "work=waiting")
      .add("no_lock", 1, 1e-3, "work=computing")
      .add("no_lock", 2, freely * 1e-3, "work=computing");
}

TEST(LockExplained, FollowsWhatTheSecondThreadDid) {
  const auto slower = explanation_of("lock", counters(50e-9, 0.5e-9, 2, 1, 1));
  ASSERT_EQ(slower.sentences.size(), 3U);
  EXPECT_EQ(slower.answer, 3U);
  EXPECT_THAT(slower.sentences[0], AllOf(HasSubstr("5.00 times as long as"), HasSubstr("made everybody slower")));
  EXPECT_THAT(slower.sentences[1], AllOf(HasSubstr("a counter for each thread is fastest"), HasSubstr("gets faster")));

  const auto alike = explanation_of("lock", counters(10e-9, 5e-9, 2, 1, 1));
  EXPECT_EQ(alike.answer, 1U);
  EXPECT_THAT(alike.sentences[0], AllOf(HasSubstr("brought nothing"), Not(HasSubstr("slower"))));
  EXPECT_THAT(alike.sentences[1], HasSubstr("it too pays for being shared"));

  const auto faster = explanation_of("lock", counters(5e-9, 6e-9, 2, 1, 1));
  EXPECT_EQ(faster.answer, 0U);
  EXPECT_THAT(faster.sentences[0], HasSubstr("did help"));
  EXPECT_THAT(faster.sentences[1], HasSubstr("one mutex, 5.00 ns"));
}

TEST(LockExplained, SaysOfTheFastestWayWhatASecondThreadDidToIt) {
  EXPECT_THAT(explanation_of("lock", counters(50e-9, 1e-9, 2, 1, 1)).sentences[1],
              HasSubstr("more threads do not make it faster either"));
}

TEST(LockExplained, SaysOfTheInterpreterWhatItsTasksDid) {
  const auto locked = explanation_of("lock", counters(50e-9, 1e-9, 2, 1, 1)).sentences[2];
  EXPECT_THAT(locked, AllOf(HasSubstr("take turns when they compute"), HasSubstr("overlap when they wait"),
                            HasSubstr("so the lock is what keeps them apart")));
  const auto both = explanation_of("lock", counters(50e-9, 1e-9, 4, 1, 2)).sentences[2];
  EXPECT_THAT(both, HasSubstr("a part of it and not all"));
  const auto no_difference = explanation_of("lock", counters(50e-9, 1e-9, 1, 2, 1)).sentences[2];
  EXPECT_THAT(no_difference, AllOf(HasSubstr("overlap when they compute"), HasSubstr("take turns when they wait"),
                                   HasSubstr("the lock is not what decides")));
  const auto one_core = explanation_of("lock", counters(50e-9, 1e-9, 2, 1, 2, 1)).sentences[2];
  EXPECT_THAT(one_core, HasSubstr("but the one core"));
}

MadeUp workers_of(const std::vector<double>& computing, const std::vector<double>& waiting) {
  MadeUp figures;
  int workers = 1;
  for (std::size_t i = 0; i < computing.size(); ++i, workers *= 2)
    figures.add("computing", workers, computing[i]).add("waiting", workers, waiting[i]);
  return figures;
}

TEST(OversubscribeExplained, NamesWhereMoreWorkersThanCoresPay) {
  const std::vector<double> flat = {1, 0.5, 0.5, 0.5, 0.5}, falling = {16, 8, 4, 2, 1}, worse = {1, 0.5, 0.8, 1, 2};
  const auto waiting = explanation_of("oversubscribe", workers_of(flat, falling));
  EXPECT_EQ(waiting.answer, 1U);
  EXPECT_THAT(waiting.sentences[0], AllOf(HasSubstr("2 workers, as many as cores"), HasSubstr("brings nothing")));
  EXPECT_THAT(waiting.sentences[1], AllOf(HasSubstr("16 workers, 8 for each core"), HasSubstr("is wrong here")));
  EXPECT_THAT(waiting.sentences[2], HasSubstr("leaves its core to others"));

  EXPECT_THAT(explanation_of("oversubscribe", workers_of({1, 1, 1, 1, 1}, falling)).sentences[0],
              HasSubstr("1 worker, fewer than cores,"));

  const auto neither = explanation_of("oversubscribe", workers_of(worse, flat));
  EXPECT_EQ(neither.answer, 0U);
  EXPECT_THAT(neither.sentences[0], HasSubstr("costs time here"));
  EXPECT_THAT(neither.sentences[1], Not(HasSubstr("is wrong here")));

  const auto both = explanation_of("oversubscribe", workers_of(falling, falling));
  EXPECT_EQ(both.answer, 2U);
  EXPECT_THAT(both.sentences[2], HasSubstr("gain alike"));

  const auto reverse = explanation_of("oversubscribe", workers_of(falling, flat));
  EXPECT_EQ(reverse.answer, 3U);
  EXPECT_THAT(reverse.sentences[2], HasSubstr("the reverse"));
}

MadeUp costs(double thread, double region, double large_fork, double pipe, int cores = 2) {
  MadeUp figures(cores);
  figures.add("thread", 2, thread).add("openmp", 2, region).add("pool", 2, 40e-6).add("posix_spawn", 1, 500e-6);
  figures.add("fork", 1, 100e-6, "held_bytes=0").add("fork", 1, large_fork, "held_bytes=1073741824");
  for (const char* const bytes : {"0", "64", "67108864"}) {
    const std::string condition = std::string("message_bytes=") + bytes;
    figures.add("pipe", 2, pipe, condition).add("socket", 2, 2e-5, condition);
    figures.add("shared_memory", 2, 1e-5, condition).add("copy", 1, 1e-6, condition);
  }
  return figures;
}

TEST(OverheadExplained, MakesTheSmallestTaskFromTheFigures) {
  const auto plain = explanation_of("overhead", costs(20e-6, 1e-6, 10e-3, 4e-5));
  ASSERT_EQ(plain.sentences.size(), 3U);
  EXPECT_EQ(plain.answer, 2U);
  EXPECT_THAT(plain.sentences[0], AllOf(HasSubstr("20.0 us"), HasSubstr("20.0 times as long as an OpenMP region"),
                                        HasSubstr("copy of the page tables")));
  EXPECT_THAT(plain.sentences[1], AllOf(HasSubstr("2.00 us"), HasSubstr("1.00 ms"), HasSubstr("OpenMP region")));
  EXPECT_THAT(plain.sentences[2], AllOf(HasSubstr("64 MiB take"), HasSubstr("4.00 times as long as through shared")));

  const auto other = explanation_of("overhead", costs(1e-7, 1e-4, 100e-6, 1e-6));
  EXPECT_EQ(other.answer, 0U);
  EXPECT_THAT(other.sentences[0], AllOf(HasSubstr("only 0.001 times"), Not(HasSubstr("page tables"))));
  EXPECT_THAT(other.sentences[1], HasSubstr("cheapest help (new thread)"));
  EXPECT_THAT(other.sentences[2], HasSubstr("only 0.10 times as long as through shared"));
}

TEST(OverheadExplained, SaysThatOneCoreSharesNothingAndWhatWasNotMeasured) {
  EXPECT_THAT(explanation_of("overhead", costs(20e-6, 1e-6, 10e-3, 4e-5, 1)).sentences[1],
              HasSubstr("none is worth sharing"));
  MadeUp little_memory;
  little_memory.add("thread", 2, 1e-5).skip("fork", 1, "held_bytes=1073741824", "too little memory");
  for (const char* const way : {"pipe", "shared_memory"}) little_memory.add(way, 2, 1e-5, "message_bytes=0");
  little_memory.add("copy", 1, 1e-9, "message_bytes=0");
  const auto told = explanation_of("overhead", little_memory);
  ASSERT_EQ(told.sentences.size(), 3U);
  EXPECT_THAT(told.sentences[0], HasSubstr("not measured (too little memory)"));
}

MadeUp maps(double threads, double threads_alone, double batched, double alone, double fresh) {
  return MadeUp()
      .add("serial", 1, 2e-9, "chunk=auto")
      .add("threads", 2, threads, "chunk=auto")
      .add("threads", 2, threads_alone, "chunk=1")
      .add("processes", 2, batched, "chunk=auto")
      .add("processes", 2, alone, "chunk=1")
      .add("processes", 2, fresh, "pool=fresh");
}

TEST(MapExplained, FollowsWhatAnItemCostAloneAndInABatch) {
  const auto plain = explanation_of("map", maps(1e-9, 20e-9, 50e-9, 10e-6, 5e-3));
  ASSERT_EQ(plain.sentences.size(), 3U);
  EXPECT_EQ(plain.answer, 3U);
  EXPECT_THAT(plain.sentences[0], AllOf(HasSubstr("2.00 ns in one plain loop"), HasSubstr("pay even for next"),
                                        HasSubstr("20.0 times as long as in batches")));
  EXPECT_THAT(plain.sentences[1], AllOf(HasSubstr("10.0 us by itself"), HasSubstr("200 times as long as"),
                                        HasSubstr("the message is what costs")));
  EXPECT_THAT(plain.sentences[2], AllOf(HasSubstr("5.00 ms"), HasSubstr("100,000 items"), HasSubstr("keep them")));

  const auto other = explanation_of("map", maps(9e-9, 9e-9, 1e-6, 1e-6, 1e-6));
  EXPECT_EQ(other.answer, 0U);
  EXPECT_THAT(other.sentences[0], AllOf(HasSubstr("do not pay"), HasSubstr("about as long as in batches")));
  EXPECT_THAT(other.sentences[1], HasSubstr("a batch saves nothing"));
  EXPECT_THAT(other.sentences[2], AllOf(HasSubstr("no need to keep"), Not(HasSubstr("next loop"))));

  const auto alike = explanation_of("map", maps(2e-9, 9e-9, 1e-6, 5e-6, 1e-3));
  EXPECT_EQ(alike.answer, 1U);
  EXPECT_THAT(alike.sentences[0], HasSubstr("bring it nothing"));
}

TEST(Explained, SaysWhatIsMissing) {
  for (const Lab& lab : labs()) {
    const Explanation nothing = explained(lab, MadeUp().figures());
    ASSERT_EQ(nothing.sentences.size(), 1U) << lab.name;
    EXPECT_THAT(nothing.sentences[0], HasSubstr("do not answer the question")) << lab.name;
    EXPECT_EQ(nothing.answer, std::nullopt) << lab.name;
  }
}

}  // namespace
}  // namespace overtake::lab
