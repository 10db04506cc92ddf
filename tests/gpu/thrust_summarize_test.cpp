// SPDX-License-Identifier: Apache-2.0
// The variant `thrust` of summarize on Thrust's OpenMP backend, registered so that tests/registry/summarize_test.cpp,
// which is a part of this program, puts it through all that variants of summarize go through.
#include <gtest/gtest.h>
#include <thrust/system/omp/execution_policy.h>

#include "core/registry/variant.h"
#include "gpu/summarize/engine/thrust_summary.cuh"
#include "tests/gpu/thrust_host_machine.h"

namespace overtake {
namespace {

template <class T>
class ThrustSummarize {
 public:
  ThrustSummarize(const Summarize::Problem& p, const Resources&) : summary_(p, machine_) {}

  void load(const TableView<T>& table, const Summarize::Answer& answer) { summary_.load(table, answer); }
  void run() { summary_.run(); }
  void store() {}

 private:
  using Machine = ThrustHostMachine<std::decay_t<decltype(thrust::omp::par)>>;
  Machine machine_;
  ThrustSummary<Machine> summary_;
};

// Of strategy serial, so that the number of workers is not tried.
OVERTAKE_VARIANT(Summarize, thrust_omp, Strategy::serial, ThrustSummarize, float);

TEST(ThrustSummarize, IsWhatTheSuiteOfThisProgramRuns) {
  const auto variants = Registry::global().variants("summarize");
  ASSERT_EQ(variants.size(), 1U);
  EXPECT_EQ(variants.front()->name, "thrust_omp");
}

}  // namespace
}  // namespace overtake
