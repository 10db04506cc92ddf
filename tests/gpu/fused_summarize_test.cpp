// SPDX-License-Identifier: Apache-2.0
// The fused variant of summarize on an emulated machine, registered so that tests/registry/summarize_test.cpp, which is
// a part of this program, puts it through all that variants of summarize go through. Here its plans of indices.
#include <gtest/gtest.h>

#include <set>

#include "core/random.h"
#include "core/registry/variant.h"
#include "gpu/summarize/engine/fused_summary.cuh"
#include "tests/gpu/emulated_machine.h"

namespace overtake {
namespace {

template <class T>
class FusedSummarize {
 public:
  FusedSummarize(const Summarize::Problem& p, const Resources&) : summary_(p, machine_, &unclear_) {}

  void load(const TableView<T>& table, const Summarize::Answer& answer) {
    answer_ = answer;
    summary_.load(table);
  }
  void run() {
    unclear_ = 0;
    summary_.launch();
    if (unclear_ != 0) summary_.launch_again();
  }
  void store() { summary_.store(answer_); }
  void poison() { summary_.poison(); }

 private:
  emulated::Machine machine_;
  unsigned unclear_ = 0;
  FusedSummary<emulated::Machine> summary_;
  Summarize::Answer answer_;
};

// Of strategy serial, so that the number of workers is not tried.
OVERTAKE_VARIANT(Summarize, cuda_emulated, Strategy::serial, FusedSummarize, float);

TEST(FusedSummarize, IsWhatTheSuiteOfThisProgramRuns) {
  const auto variants = Registry::global().variants("summarize");
  ASSERT_EQ(variants.size(), 1U);
  EXPECT_EQ(variants.front()->name, "cuda_emulated");
}

TEST(FusedSummarize, EveryPairOfColumnsIsInOnePairOfGroups) {
  for (const std::int64_t columns : {0, 1, 7, 8, 9, 33}) {
    const PairPlan plan{columns, 1};
    std::set<std::pair<std::int64_t, std::int64_t>> pairs;
    for (std::int64_t pair = 0; pair < plan.pairs_of_groups(); ++pair) {
      const auto [g, h] = plan.groups_at(pair);
      EXPECT_LE(g, h);
      EXPECT_LT(h, plan.groups());
      EXPECT_TRUE(pairs.emplace(g, h).second);
    }
    EXPECT_EQ(static_cast<std::int64_t>(pairs.size()), plan.groups() * (plan.groups() + 1) / 2);
  }
}

TEST(FusedSummarize, EveryTileOfAGroupIsOneBlocks) {
  for (const std::int64_t rows : {0, 1, 4096, 4097, 100003})
    for (const std::int64_t numeric : {0, 1, 13}) {
      const GroupPlan plan = GroupPlan::of(rows, numeric, 4096, 16);
      std::set<std::pair<std::int64_t, std::int64_t>> tiles;
      for (std::int64_t block = 0; block < plan.blocks(); ++block)
        for (std::int64_t tile = block % plan.parts; tile < plan.tiles(); tile += plan.parts)
          EXPECT_TRUE(tiles.emplace(block / plan.parts, tile).second);
      EXPECT_EQ(static_cast<std::int64_t>(tiles.size()), plan.tiles() * (numeric + 1));
    }
}

// Also of the nearest values below and above each edge, which no rounding may move to another bin.
TEST(FusedSummarize, ThresholdsPartValuesAsTheEdgesDo) {
  const RandomStream random({.value = 7}, 1);
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const auto scale = static_cast<float>(std::pow(10.0, 12 * random.symmetric<double>(3 * i)));
    const float a = scale * random.symmetric<float>(3 * i + 1), b = scale * random.symmetric<float>(3 * i + 2);
    const auto min = static_cast<double>(std::min(a, b)),
               max = static_cast<double>(i % 10 == 0 ? std::min(a, b) : std::max(a, b));
    const auto edges = Summarize::bin_edges(min, max);
    for (int k = 1; k <= Bins::kInner; ++k) {
      const double edge = edges[static_cast<std::size_t>(k)];
      const float threshold = Bins::threshold(k, min, max), near = static_cast<float>(edge);
      for (const float x : {near, std::nextafter(near, -kInfiniteValue), std::nextafter(near, kInfiniteValue)})
        ASSERT_EQ(x >= threshold, static_cast<double>(x) >= edge) << x << " at " << edge;
    }
  }
}

}  // namespace
}  // namespace overtake
