// SPDX-License-Identifier: Apache-2.0
// The variant `thrust` of preprocess on Thrust's OpenMP backend, registered so that tests/registry/preprocess_test.cpp,
// which is a part of this program, puts it through all that variants of preprocess go through.
#include <gtest/gtest.h>
#include <thrust/system/omp/execution_policy.h>

#include "core/registry/variant.h"
#include "gpu/preprocess/engine/thrust_pipeline.cuh"
#include "tests/gpu/thrust_host_machine.h"

namespace overtake {
namespace {

template <class T>
class ThrustPreprocess {
 public:
  ThrustPreprocess(const Preprocess::Problem& p, const Resources&) : pipeline_(p, machine_) {}

  void load(const TableView<T>& table, const Fitted& given, const Preprocess::Output<T>& output) {
    output_ = &output;
    pipeline_.load(table, given);
  }
  void run() { pipeline_.run(); }
  void store() { pipeline_.store(*output_); }
  void poison() { pipeline_.poison(); }

 private:
  using Machine = ThrustHostMachine<std::decay_t<decltype(thrust::omp::par)>>;
  Machine machine_;
  ThrustPipeline<Machine> pipeline_;
  const Preprocess::Output<T>* output_ = nullptr;
};

// Of strategy serial, so that the number of workers is not tried.
OVERTAKE_VARIANT(Preprocess, thrust_omp, Strategy::serial, ThrustPreprocess, float);

TEST(ThrustPreprocess, IsWhatTheSuiteOfThisProgramRuns) {
  const auto variants = Registry::global().variants("preprocess");
  ASSERT_EQ(variants.size(), 1U);
  EXPECT_EQ(variants.front()->name, "thrust_omp");
}

}  // namespace
}  // namespace overtake
