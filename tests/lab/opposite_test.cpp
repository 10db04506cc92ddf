// SPDX-License-Identifier: Apache-2.0
// Every lab is fed figures and their opposite: each of its sentences changes, and not only in its figures, and so does
// its answer. A lab without such a pair fails here. What its words are is for explain_*_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <map>
#include <sstream>
#include <string>
#include <utility>

#include "tests/lab/made_up.h"

namespace overtake::lab {
namespace {

// Without figures and their units: what is left are words.
std::string words_alone(const std::string& sentence) {
  std::istringstream in(sentence);
  std::string out;
  for (std::string word; in >> word;) {
    bool figure = false;
    for (const char c : word) figure = figure || std::isdigit(static_cast<unsigned char>(c)) != 0;
    std::string bare;
    for (const char c : word)
      if (std::isalpha(static_cast<unsigned char>(c)) != 0) bare += c;
    const bool unit = bare == "ns" || bare == "us" || bare == "ms" || bare == "s" || bare == "min";
    if (!figure && !unit) out += word + " ";
  }
  return out;
}

KeyValues metrics_from(const std::map<std::string, double>& values) {
  KeyValues out;
  for (const auto& [key, value] : values) out.set(key, value);
  return out;
}

// Minutes that one cook took who stands by, one who does not, two, and one a dish; the bounds of oven and hands.
MadeUp cooked_in(std::array<double, 4> minutes, double oven, double hands) {
  const std::array<std::pair<const char*, int>, 4> cases = {
      {{"one_by_one", 1}, {"one_cook", 1}, {"critical_path", 2}, {"cook_a_dish", 9}}};
  MadeUp out;
  for (std::size_t i = 0; i < cases.size(); ++i)
    out.add(cases[i].first, cases[i].second, minutes[i] * 1e-3, "",
            metrics_from({{"planned_minutes", minutes[i]},
                          {"minute_seconds", 1e-3},
                          {"wanted_minutes", 180},
                          {"critical_path_minutes", 60},
                          {"hands_minutes", hands},
                          {"stove_minutes", 50},
                          {"oven_minutes", oven}}));
  return out;
}

// How many times as long as one after the other threads, processes and the loop took.
MadeUp waited(std::array<double, 3> waiting, std::array<double, 3> computing) {
  const KeyValues length = metrics_from({{"request_seconds", 0.01}});
  MadeUp out;
  for (const auto& [kind, times] : {std::pair("work=waiting", waiting), std::pair("work=computing", computing)}) {
    out.add("sequential", 1, 1, kind, length).add("threads", 25, times[0], kind, length);
    out.add("processes", 2, times[1], kind, length).add("async", 100, times[2], kind, length);
  }
  return out;
}

MadeUp lost_updates(int lost, double times_as_long) {
  const KeyValues metrics = {{"lost_updates", std::to_string(lost)}}, none = {{"lost_updates", "0"}};
  MadeUp out;
  out.add("unprotected", 1, 1e-3);
  if (lost > 0)
    out.add_bad("unprotected", 2, RowStatus::wrong, metrics);
  else
    out.add("unprotected", 2, 1e-3, "", metrics);
  return out.add("atomic", 2, times_as_long * 1e-3, "", none).add("mutex", 2, times_as_long * 1e-3, "", none);
}

MadeUp stood_still(bool did, double at_once) {
  MadeUp out;
  out.add("one_order", 2, 10e-3).add("both_at_once", 2, at_once);
  if (did) return out.add_bad("two_orders", 2, RowStatus::failed, {{"transfers_until_deadlock", "50"}});
  return out.add("two_orders", 2, 10e-3);
}

MadeUp turns_in_a_row(int quickest, int ticket, double seconds_of_ticket) {
  const auto metrics = [](int streak) {
    const double least = streak > 1000 ? 0.1 : 0.5;
    return metrics_from({{"longest_streak", streak}, {"least_share", least}, {"largest_share", 1 - least}});
  };
  return MadeUp()
      .add("test_and_set", 2, 1e-7, "", metrics(quickest))
      .add("ticket", 2, seconds_of_ticket, "", metrics(ticket))
      .add("mutex", 2, 1e-7, "", metrics(quickest));
}

// The mutex' time with two threads, that of a counter of one's own, and how the interpreter's tasks stretched.
MadeUp counted_by_two(double mutex, double own, double computing, double waiting) {
  MadeUp out;
  for (const char* const way : {"mutex", "striped", "atomic", "own"})
    out.add(way, 1, 1e-8).add(way, 2, std::string(way) == "own" ? own : mutex);
  for (const char* const lock : {"global_lock", "no_lock"})
    out.add(lock, 1, 1, "work=computing").add(lock, 1, 1, "work=waiting").add(lock, 2, waiting, "work=waiting");
  return out.add("global_lock", 2, computing, "work=computing").add("no_lock", 2, 1, "work=computing");
}

MadeUp side_by_side(double packed, double padded) {
  return MadeUp().add("padded", 1, 1e-9).add("packed", 1, 1e-9).add("padded", 2, padded).add("packed", 2, packed);
}

// With one, two and sixteen workers.
MadeUp by_workers(std::array<double, 3> computing, std::array<double, 3> waiting) {
  MadeUp out;
  const std::array<int, 3> workers = {1, 2, 16};
  for (std::size_t i = 0; i < workers.size(); ++i)
    out.add("computing", workers[i], computing[i]).add("waiting", workers[i], waiting[i]);
  return out;
}

MadeUp helped(double thread, double large_fork, double pipe, int cores) {
  MadeUp out(cores);
  out.add("thread", 2, thread).add("openmp", 2, 1e-5).add("posix_spawn", 1, 1e-3);
  out.add("fork", 1, 1e-4, "held_bytes=0").add("fork", 1, large_fork, "held_bytes=1073741824");
  for (const char* const bytes : {"message_bytes=0", "message_bytes=67108864"})
    out.add("pipe", 2, pipe, bytes).add("shared_memory", 2, 1e-5, bytes).add("copy", 1, pipe, bytes);
  return out;
}

MadeUp mapped_items(double threads, double batched, double alone, double fresh) {
  return MadeUp()
      .add("serial", 1, 1e-8, "chunk=auto")
      .add("threads", 2, threads, "chunk=auto")
      .add("threads", 2, 1e-8, "chunk=1")
      .add("processes", 2, batched, "chunk=auto")
      .add("processes", 2, alone, "chunk=1")
      .add("processes", 2, fresh, "pool=fresh");
}

std::map<std::string_view, std::pair<MadeUp, MadeUp>> opposites() {
  return {
      {"kitchen", {cooked_in({500, 250, 180, 180}, 145, 100), cooked_in({300, 500, 400, 150}, 100, 390)}},
      {"waiting", {waited({0.1, 0.5, 0.01}, {0.5, 0.5, 1}), waited({1, 1, 1}, {1, 1, 0.1})}},
      {"race", {lost_updates(1'000'000, 20), lost_updates(0, 0.2)}},
      {"deadlock", {stood_still(true, 20e-3), stood_still(false, 5e-3)}},
      {"starvation", {turns_in_a_row(50'000, 1, 1e-6), turns_in_a_row(2, 500, 1e-8)}},
      {"lock", {counted_by_two(3e-8, 1e-9, 2, 1), counted_by_two(5e-9, 1e-8, 1, 2)}},
      {"sharing", {side_by_side(8e-9, 1e-9), side_by_side(1e-9, 8e-9)}},
      {"oversubscribe", {by_workers({2, 1, 1}, {16, 8, 1}), by_workers({16, 8, 1}, {2, 1, 2})}},
      {"overhead", {helped(1e-4, 1e-1, 1e-4, 2), helped(1e-6, 1e-4, 1e-6, 1)}},
      {"map", {mapped_items(1e-9, 1e-7, 1e-4, 1e-2), mapped_items(1e-7, 1e-5, 1e-5, 1e-6)}},
  };
}

TEST(Opposite, FiguresGiveEveryLabOtherWordsAndAnotherAnswer) {
  auto pairs = opposites();
  for (const Lab& lab : labs()) {
    const auto pair = pairs.extract(lab.name);
    ASSERT_FALSE(pair.empty()) << "lab " << lab.name << " needs figures and their opposite above";
    const Explanation usual = explained(lab, pair.mapped().first.figures());
    const Explanation other = explained(lab, pair.mapped().second.figures());
    ASSERT_EQ(usual.sentences.size(), 3U) << lab.name << ": " << usual.sentences[0];
    ASSERT_EQ(other.sentences.size(), 3U) << lab.name << ": " << other.sentences[0];
    EXPECT_NE(usual.answer, other.answer) << lab.name;
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_NE(words_alone(usual.sentences[i]), words_alone(other.sentences[i])) << lab.name;
  }
  EXPECT_TRUE(pairs.empty()) << pairs.begin()->first << " is no lab";
}

TEST(Opposite, WordsAloneHaveNoFigures) {
  EXPECT_EQ(words_alone("It took 3.00 ns, 2 times (4 us) as long."),
            words_alone("It took 1.00 s, 5 times (9 min) as long."));
  EXPECT_NE(words_alone("about as long as 2 ns"), words_alone("only 0.50 times as long as 2 ns"));
}

}  // namespace
}  // namespace overtake::lab
