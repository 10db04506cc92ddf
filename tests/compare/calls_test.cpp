// SPDX-License-Identifier: Apache-2.0
#include "compare/calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <tuple>

#include "compare/breakeven.h"
#include "tests/compare/example_run.h"

namespace overtake::compare {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::uint64_t kCallsSeed = 20261121;

std::string cell_name(const std::string& variant, const std::string& scope, const std::string& params = "") {
  return "matmul/" + variant + "/f32/" + scope + "/m:512/n:512/k:512/" + params + "workers:1";
}

// One call takes `kernel`; loading and storing take `transfer` besides.
struct Costs {
  double kernel, transfer;
};

void add_way(ExampleRun& run, const std::string& variant, const Costs& costs, const std::vector<double>& shared,
             const Noise& noise, std::mt19937_64& random) {
  for (const auto& [scope, seconds] :
       {std::pair{"kernel", costs.kernel}, {"end_to_end", costs.kernel + costs.transfer}}) {
    Processes samples = noisy_samples(seconds, noise, random);
    for (std::size_t p = 0; p < samples.size(); ++p)
      for (double& sample : samples[p]) sample *= std::exp(shared[p]);
    add_cell(run, cell_name(variant, scope), samples);
  }
}

ExampleRun run_of(const Costs& a, const Costs& b) {
  ExampleRun run;
  for (const auto& [variant, costs] : {std::pair{"serial", a}, {"serial_gpu", b}}) {
    add_cell(run, cell_name(variant, "kernel"), around(costs.kernel));
    add_cell(run, cell_name(variant, "end_to_end"), around(costs.kernel + costs.transfer));
  }
  return run;
}

CallsBreakEven between(const ExampleRun& run) {
  return break_evens(measured_cells(run.rows), WayPair::parse("serial,serial_gpu")).by_calls.at(0);
}

std::string text_of(const ExampleRun& run) {
  return break_evens_text(break_evens(measured_cells(run.rows), WayPair::parse("serial,serial_gpu")));
}

TEST(CallsBreakEven, PlantedNumbersLieInTheirIntervalInNinetyThreeOfHundredCases) {
  SCOPED_TRACE("seed " + std::to_string(kCallsSeed));
  std::mt19937_64 random(kCallsSeed);
  std::uniform_real_distribution<double> uniform;
  std::normal_distribution<double> normal;
  int inside = 0, closed = 0;
  std::vector<double> widths;
  for (int i = 0; i < 1000; ++i) {
    // b loads for as long as it takes to save (1 - step) of a's kernel `calls` times.
    const double calls = std::exp(std::log(300.0) * uniform(random)) + 0.5, step = 0.05 + 0.75 * uniform(random);
    const Costs a{0.01, 0.001}, b{0.01 * step, 0.001 + calls * 0.01 * (1 - step)};
    const Noise noise{.between = 0.003 + 0.02 * uniform(random)};
    std::vector<double> shared;
    for (int p = 0; p < noise.processes; ++p) shared.push_back(0.02 * normal(random));
    ExampleRun run;
    add_way(run, "serial", a, shared, noise, random);
    add_way(run, "serial_gpu", b, shared, noise, random);
    const CallsBreakEven found = between(run);
    ASSERT_TRUE(found.has_interval) << "case " << i;
    inside += found.low <= calls && calls <= found.high.value_or(INFINITY);
    if (found.once != Side::a || found.often != Side::b) continue;
    ++closed;
    widths.push_back(*found.high / found.low);
  }
  EXPECT_GE(inside, 930);
  EXPECT_GE(closed, 850);
  EXPECT_LT(median(widths), 1.25);
}

TEST(CallsBreakEven, SaysAfterHowManyCallsTheOtherPays) {
  const auto run = run_of({0.010, 0}, {0.001, 0.0585});
  const CallsBreakEven found = between(run);
  EXPECT_EQ(found.once, Side::a);
  EXPECT_EQ(found.often, Side::b);
  EXPECT_NEAR(found.estimate.value(), 6.5, 0.05);
  EXPECT_LT(found.low, 6.5);
  EXPECT_GT(found.high.value(), 6.5);
  EXPECT_THAT(text_of(run), HasSubstr("pays from 7 calls on"));
}

TEST(CallsBreakEven, AlwaysAndNever) {
  const CallsBreakEven always = between(run_of({0.010, 0}, {0.001, 0.001}));
  EXPECT_EQ(always.once, Side::b);
  EXPECT_EQ(always.often, Side::b);
  EXPECT_FALSE(always.has_interval);
  EXPECT_FALSE(always.estimate.has_value());
  EXPECT_THAT(text_of(run_of({0.001, 0.001}, {0.010, 0.001})), HasSubstr("from the first call on: serial"));
}

TEST(CallsBreakEven, EqualKernelsNeverSayForSure) {
  const auto run = run_of({0.010, 0}, {0.010, 0.02});
  const CallsBreakEven found = between(run);
  EXPECT_EQ(found.once, Side::a);
  EXPECT_EQ(found.often, Side::neither);
  EXPECT_FALSE(found.high.has_value());
  EXPECT_THAT(text_of(run), HasSubstr("do not say whether"));
}

TEST(CallsBreakEven, WithTooFewProcessesNothingIsSure) {
  ExampleRun run;
  for (const auto& [variant, factor] : {std::pair{"serial", 1.0}, {"serial_gpu", 2.0}})
    for (const char* scope : {"kernel", "end_to_end"}) add_cell(run, cell_name(variant, scope), {{factor}, {factor}});
  const CallsBreakEven found = between(run);
  EXPECT_EQ(found.once, Side::neither);
  EXPECT_EQ(found.often, Side::neither);
  EXPECT_EQ(found.low, 1);
  EXPECT_FALSE(found.high.has_value());
}

TEST(CallsBreakEven, MeasuredCallsStandBesideThePrediction) {
  ExampleRun run = run_of({0.010, 0}, {0.001, 0.0585});
  for (const int calls : {1, 10, 100}) {
    const std::string params = "calls=" + std::to_string(calls) + "/";
    add_cell(run, cell_name("serial", "end_to_end", params), around(0.010 * calls));
    add_cell(run, cell_name("serial_gpu", "end_to_end", params), around(0.0585 + 0.001 * calls));
  }
  const CallsBreakEven found = between(run);
  ASSERT_EQ(found.measured.size(), 3U);
  EXPECT_EQ(found.measured[1].calls, 10);
  EXPECT_NEAR(found.measured[1].predicted_a, 0.1, 1e-9);
  EXPECT_NEAR(found.measured[1].predicted_b, 0.0685, 1e-9);
  for (const MeasuredCalls& at : found.measured) EXPECT_TRUE(at.agrees()) << at.calls;
  EXPECT_THAT(text_of(run), AllOf(HasSubstr("predicted"), HasSubstr("yes")));
  // One that takes twice as long as its parts promise.
  add_cell(run, cell_name("serial", "end_to_end", "calls=7/"), around(0.14));
  add_cell(run, cell_name("serial_gpu", "end_to_end", "calls=7/"), around(0.0655));
  EXPECT_FALSE(between(run).measured[1].agrees());
}

TEST(CallsBreakEven, OneCallIsTheWholeWhereNothingElseIs) {
  ExampleRun run;
  for (const auto& [variant, kernel, transfer] : {std::tuple{"serial", 0.010, 0.0}, {"serial_gpu", 0.001, 0.0585}}) {
    add_cell(run, cell_name(variant, "kernel"), around(kernel));
    for (const int calls : {1, 10})
      add_cell(run, cell_name(variant, "end_to_end", "calls=" + std::to_string(calls) + "/"),
               around(transfer + calls * kernel));
  }
  const CallsBreakEven found = between(run);
  EXPECT_NEAR(found.estimate.value(), 6.5, 0.05);
  ASSERT_EQ(found.measured.size(), 2U);
  EXPECT_TRUE(found.measured[1].agrees());
}

TEST(CallsBreakEven, NonsenseCallsAreIgnored) {
  ExampleRun run = run_of({0.010, 0}, {0.001, 0.0585});
  for (const char* calls : {"0", "-3", "x", "1e3", "99999999999999999999"})
    for (const char* variant : {"serial", "serial_gpu"})
      add_cell(run, cell_name(variant, "end_to_end", std::string("calls=") + calls + "/"), around(1));
  EXPECT_TRUE(between(run).measured.empty());
}

}  // namespace
}  // namespace overtake::compare
