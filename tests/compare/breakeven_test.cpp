// SPDX-License-Identifier: Apache-2.0
#include "compare/breakeven.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <random>

#include "tests/compare/example_run.h"

namespace overtake::compare {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t kBreakevenSeed = 20261121;

std::string cell_name(const std::string& variant, double size, const std::string& workers = "1") {
  const auto n = std::to_string(std::lround(size));
  return "command/" + variant + "/none/cold_start/n:" + n + "/workers:" + workers;
}

BreakEvens between(const ExampleRun& run, const std::string& ways) {
  return break_evens(measured_cells(run.rows), WayPair::parse(ways));
}

// What a planted break-even is made of: times over sizes, and where they are equal.
struct Planted {
  std::function<double(double)> a, b;
  double where = 0;
};

struct Coverage {
  int inside = 0;  // of some stretch that is reported: of a sure crossing, or one that reaches the range's end
  int sure = 0;    // cases with a sure crossing
  std::vector<double> widths;  // high / low of the sure ones
};

// What disturbs a process disturbs all its cells: a run measures them all in each of its processes.
Processes disturbed(double seconds, const std::vector<double>& shared, const Noise& noise, std::mt19937_64& random) {
  Processes all = noisy_samples(seconds, noise, random);
  for (std::size_t p = 0; p < all.size(); ++p)
    for (double& sample : all[p]) sample *= std::exp(shared[p]);
  return all;
}

Coverage coverage(int trials, const std::function<Planted(std::mt19937_64&, std::vector<double>& sizes)>& plant) {
  std::mt19937_64 random(kBreakevenSeed);
  std::normal_distribution<double> normal;
  Coverage out;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<double> sizes;
    const Planted planted = plant(random, sizes);
    const Noise noise{.between = 0.005 + 0.02 * std::uniform_real_distribution()(random), .within = 0.03};
    std::vector<double> shared_a, shared_b;
    for (int p = 0; p < noise.processes; ++p) {
      shared_a.push_back(0.01 * normal(random));
      shared_b.push_back(0.01 * normal(random));
    }
    ExampleRun run;
    for (const double size : sizes) {
      add_cell(run, cell_name("a", size), disturbed(planted.a(std::round(size)), shared_a, noise, random));
      add_cell(run, cell_name("b", size), disturbed(planted.b(std::round(size)), shared_b, noise, random));
    }
    bool is_inside = false, is_sure = false;
    const auto found = between(run, "a,b");
    for (const Crossing& crossing : found.by_size.at(0).crossings) {
      is_inside = is_inside || (crossing.low <= planted.where && planted.where <= crossing.high);
      if (!crossing.is_sure()) continue;
      is_sure = true;
      out.widths.push_back(crossing.high / crossing.low);
    }
    out.inside += is_inside;
    out.sure += is_sure;
  }
  return out;
}

double uniform(std::mt19937_64& random, double from, double to) {
  return std::uniform_real_distribution(from, to)(random);
}

// `count` sizes a factor apart around `where`, which lies in the bracket that begins at the `before`-th.
std::vector<double> sizes_around(double where, double factor, int before, int count, std::mt19937_64& random) {
  const double first = where / std::pow(factor, before + uniform(random, 0.0, 1.0));
  std::vector<double> sizes;
  for (int i = 0; i < count; ++i) sizes.push_back(std::round(first * std::pow(factor, i)));
  return sizes;
}

// A start-up and a cheaper step against no start-up: curved in log-log, most where they cross.
Planted affine(std::mt19937_64& random, double power) {
  const double where = uniform(random, 20000, 200000), step = uniform(random, 0.05, 0.8);
  const double start = (1 - step) * std::pow(where, power);
  return {[=](double n) { return 1e-8 * std::pow(n, power); },
          [=](double n) { return 1e-8 * (start + step * std::pow(n, power)); }, where};
}

Planted power_law(std::mt19937_64& random) {
  const double where = uniform(random, 20000, 200000), exponent = uniform(random, 0.7, 2), other = exponent - 0.5;
  return {[=](double n) { return 1e-3 * std::pow(n / where, exponent); },
          [=](double n) { return 1e-3 * std::pow(n / where, other); }, where};
}

// b is bound by one thing below its bend and by another above it.
Planted bent(std::mt19937_64& random) {
  const double where = uniform(random, 20000, 200000), bend = where * uniform(random, 0.5, 2);
  const auto b = [=](double n) { return 1e-3 * std::pow(std::max(n, bend) / bend, 0.7); };
  const double level = b(where);
  return {[=](double n) { return level * std::pow(n / where, 1.3); }, b, where};
}

struct Model {
  const char* name;
  std::function<Planted(std::mt19937_64&)> planted;
  double width;  // the intervals' median high / low is at most this for sizes a factor of 2 apart
  friend void PrintTo(const Model& model, std::ostream* out) { *out << model.name; }
};

class PlantedBreakEven : public testing::TestWithParam<Model> {};

TEST_P(PlantedBreakEven, LiesInItsIntervalInNinetyThreeOfHundredCases) {
  SCOPED_TRACE("seed " + std::to_string(kBreakevenSeed));
  const Coverage all = coverage(1000, [](std::mt19937_64& random, std::vector<double>& sizes) {
    const Planted planted = GetParam().planted(random);
    const int count = 4 + static_cast<int>(uniform(random, 0, 4)),
              before = static_cast<int>(uniform(random, 0, count - 1));
    sizes = sizes_around(planted.where, uniform(random, 2, 4), before, count, random);
    return planted;
  });
  RecordProperty("inside", all.inside);
  RecordProperty("sure", all.sure);
  EXPECT_GE(all.inside, 930);
  EXPECT_GE(all.sure, 750) << "the others lie so near an end of the range that the samples do not show both sides";
}

TEST_P(PlantedBreakEven, IntervalsAreNarrowWhereSizesAreClose) {
  const Coverage inner = coverage(300, [](std::mt19937_64& random, std::vector<double>& sizes) {
    const Planted planted = GetParam().planted(random);
    sizes = sizes_around(planted.where, 2, 2, 6, random);
    return planted;
  });
  EXPECT_GE(inner.sure, 270);
  EXPECT_LE(median(inner.widths), GetParam().width);
}

INSTANTIATE_TEST_SUITE_P(Models, PlantedBreakEven,
                         testing::Values(Model{"StartUpAndLinear", [](auto& random) { return affine(random, 1); },
                                               1.25},
                                         Model{"StartUpAndCubic", [](auto& random) { return affine(random, 3); }, 1.25},
                                         Model{"PowerLaws", power_law, 1.2}, Model{"BoundByTwoThings", bent, 1.25}),
                         [](const auto& model) { return model.param.name; });

ExampleRun run_of(const std::vector<std::array<double, 3>>& sizes) {
  ExampleRun run;
  for (const auto& [size, a, b] : sizes) {
    add_cell(run, cell_name("a", size), around(a));
    add_cell(run, cell_name("b", size), around(b));
  }
  return run;
}

TEST(BreakEven, IsSaidWithItsInterval) {
  const auto found = between(run_of({{100, 1, 4}, {1000, 10, 20}, {10000, 100, 50}, {100000, 1000, 250}}), "a,b");
  ASSERT_EQ(found.by_size.size(), 1U);
  const BreakEven& item = found.by_size[0];
  EXPECT_EQ(item.axis, "n");
  ASSERT_EQ(item.crossings.size(), 1U);
  EXPECT_TRUE(item.crossings[0].is_sure());
  EXPECT_EQ(item.crossings[0].after, Side::b);
  EXPECT_LT(item.crossings[0].low, 3162);
  EXPECT_GT(item.crossings[0].high, 3162);
  EXPECT_NEAR(item.crossings[0].estimate.value(), 3162, 100);
  EXPECT_THAT(break_evens_text(found),
              AllOf(HasSubstr("## command, cold_start"), HasSubstr("b with 1 worker overtakes a"),
                    HasSubstr("overtakes a"), HasSubstr("95 %: ")));
  // The same the other way round.
  const auto turned = between(run_of({{100, 1, 4}, {1000, 10, 20}, {10000, 100, 50}, {100000, 1000, 250}}), "b,a");
  EXPECT_EQ(turned.by_size[0].crossings[0].after, Side::a);
  EXPECT_DOUBLE_EQ(turned.by_size[0].crossings[0].low, item.crossings[0].low);
}

TEST(BreakEven, EveryCrossingIsReported) {
  const auto found =
      between(run_of({{10, 1, 2}, {100, 20, 10}, {1000, 200, 100}, {10000, 1000, 2000}, {100000, 2e4, 1e4}}), "a,b");
  const auto& crossings = found.by_size.at(0).crossings;
  ASSERT_EQ(crossings.size(), 3U);
  EXPECT_EQ(crossings[0].after, Side::b);
  EXPECT_EQ(crossings[1].after, Side::a);
  EXPECT_EQ(crossings[2].after, Side::b);
  for (const Crossing& crossing : crossings) EXPECT_TRUE(crossing.is_sure());
}

TEST(BreakEven, NeverInTheRangeMeasured) {
  const auto found = between(run_of({{10, 1, 2}, {100, 10, 15}, {1000, 100, 110}}), "a,b");
  EXPECT_EQ(found.by_size.at(0).always(), Side::a);
  EXPECT_THAT(break_evens_text(found),
              AllOf(HasSubstr("never overtakes a"), HasSubstr("in the range measured, n=10 to 1000")));
}

TEST(BreakEven, WhatTheSamplesDoNotSayIsNotSaid) {
  const auto found = between(run_of({{10, 1, 1}, {100, 10, 15}, {1000, 100, 150}, {10000, 1000, 999}}), "a,b");
  const auto& crossings = found.by_size.at(0).crossings;
  ASSERT_EQ(crossings.size(), 2U);
  EXPECT_FALSE(crossings[0].is_sure());
  EXPECT_FALSE(crossings[1].is_sure());
  const std::string text = break_evens_text(found);
  EXPECT_THAT(text, AllOf(HasSubstr("Up to n="), HasSubstr("beyond that the samples do not say")));
  EXPECT_THAT(text, Not(HasSubstr("overtakes")));
}

TEST(BreakEven, FewProcessesGiveNoInterval) {
  ExampleRun run;
  for (const double size : {10.0, 100.0}) {
    add_cell(run, cell_name("a", size), {{1}, {1.01}, {0.99}});
    add_cell(run, cell_name("b", size), {{2}, {2.01}, {1.99}});
  }
  const auto found = between(run, "a,b");
  EXPECT_EQ(found.by_size.at(0).always(), Side::neither);
  EXPECT_THAT(break_evens_text(found), AllOf(HasSubstr("do not say"), HasSubstr("No interval at 10 and 100")));
}

TEST(BreakEven, NothingBelowTheNoiseFloorCounts) {
  const auto sizes = run_of({{10, 1, 1.05}, {100, 10, 10.5}});
  EXPECT_EQ(between(sizes, "a,b").by_size.at(0).always(), Side::a);
  ExampleRun noisy = sizes;
  for (const auto& [aa, seconds] : {std::pair{"0", 10.0}, {"1", 10.7}})
    add_cell(noisy, std::string("command/a/none/cold_start/n:100/aa=") + aa + "/workers:1", around(seconds));
  EXPECT_EQ(between(noisy, "a,b").by_size.at(0).always(), Side::neither);
}

TEST(BreakEven, OneSizeAndNoCommonSizeAreNoCrossing) {
  EXPECT_THAT(break_evens_text(between(run_of({{10, 1, 2}}), "a,b")), HasSubstr("Only n=10 was measured: a"));
  ExampleRun run = run_of({{10, 1, 2}, {100, 10, 20}});
  add_status(run, cell_name("c", 10), RowStatus::wrong, "element (3, 4)");
  add_status(run, cell_name("c", 100), RowStatus::skipped, "no GPU");
  EXPECT_THAT(break_evens_text(between(run, "a,c")),
              AllOf(HasSubstr("No size has times of both"), HasSubstr("wrong (element (3, 4))"), HasSubstr("no GPU")));
}

TEST(BreakEven, HostileNamesAndSizesAreShownHarmlessly) {
  ExampleRun run;
  for (const char* size : {"nan", "-5", "1e999", "0", "10", "10.0", "L1"})
    for (const char* variant : {"a", "b"}) {
      Row row = example_row(cell_name(variant, 10));
      row.shape = {};
      row.shape.set("n", std::string_view(size));
      row.status_reason = "<script>\x1b[2J";
      add_samples(run, row, around(variant[0] == 'a' ? 1 : 2));
    }
  const auto found = between(run, "a,b");
  ASSERT_EQ(found.by_size.size(), 1U);
  EXPECT_EQ(found.by_size[0].points.size(), 1U);
  EXPECT_THAT(break_evens_text(found), Not(HasSubstr("\x1b")));
}

std::string refusal(const ExampleRun& run, const std::string& ways) {
  try {
    between(run, ways);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(BreakEven, WaysAreResolvedOrRefusedWithWhatThereIs) {
  ExampleRun run;
  for (const char* workers : {"1", "2", "all"})
    for (const double size : {10.0, 100.0}) add_cell(run, cell_name("threads", size, workers), around(1));
  for (const double size : {10.0, 100.0}) add_cell(run, cell_name("serial", size), around(2));
  EXPECT_EQ(between(run, "serial,threads").by_size.at(0).workers_b, Workers{});
  EXPECT_EQ(between(run, "serial,threads:2").by_size.at(0).workers_b, Workers{2});
  EXPECT_EQ(between(run, "threads:1,threads:all").by_size.at(0).workers_a, Workers{1});
  EXPECT_THAT(refusal(run, "serial,turbo"), AllOf(HasSubstr("'turbo'"), HasSubstr("command: serial, threads")));
  EXPECT_THAT(refusal(run, "serial,threads:7"), HasSubstr("all, 1 and 2 workers"));
  EXPECT_THAT(refusal(run, "serial,threads:x"), HasSubstr("threads:x"));
  EXPECT_THAT(refusal(run, "serial"), HasSubstr("two variants"));
  EXPECT_THAT(refusal(run, "a,b,c"), HasSubstr("two variants"));
  EXPECT_THAT(refusal(run, "serial,serial"), HasSubstr("two different ways"));
  EXPECT_THAT(refusal(run, "threads,threads:all"), HasSubstr("the same workers"));
  EXPECT_THAT(refusal(run, ",serial"), HasSubstr("expected a variant"));
  ExampleRun several;
  for (const char* workers : {"1", "2"}) add_cell(several, cell_name("threads", 10, workers), around(1));
  add_cell(several, cell_name("serial", 10), around(2));
  EXPECT_THAT(refusal(several, "serial,threads"), HasSubstr("threads:2"));
}

TEST(BreakEven, JsonHoldsTheSameFigures) {
  const auto found = between(run_of({{100, 1, 4}, {1000, 10, 20}, {10000, 100, 50}}), "a,b");
  const auto json = break_evens_json(found);
  EXPECT_EQ(json["by_size"][0]["crossings"][0]["sure"], true);
  EXPECT_EQ(json["by_size"][0]["crossings"][0]["faster_after"], "b");
  EXPECT_EQ(json["by_size"][0]["points"].size(), 3U);
  EXPECT_TRUE(json["by_calls"].empty());
}

}  // namespace
}  // namespace overtake::compare
