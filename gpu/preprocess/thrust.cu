// SPDX-License-Identifier: Apache-2.0
// Step by step from a library: thrust::transform_reduce to fit, thrust::transform to apply, thrust::sort for medians
// and most frequent values. It wins by being short and by running wherever Thrust runs; every step costs a pass over
// the column to learn, one or two, and one to apply, and a row-major result written column by column costs a memory
// transaction for every value.
#include "core/registry/variant.h"
#include "gpu/cuda/device.cuh"
#include "gpu/cuda/thrust_machine.cuh"
#include "gpu/preprocess/engine/thrust_pipeline.cuh"
#include "gpu/table/table_variant.cuh"

namespace overtake {
namespace {

template <class T>
class Thrust : public TableVariant<cuda::ThrustMachine, Thrust<T>> {
 public:
  static std::optional<std::string> unavailable() { return cuda::device_unavailable(); }

  Thrust(const Preprocess::Problem& p, const Resources&)
      : TableVariant<cuda::ThrustMachine, Thrust>(p, bytes_besides(p), p.cold_l2), pipeline_(p, this->machine()) {}

  void load(const TableView<T>& table, const Fitted& given, const Preprocess::Output<T>& output) {
    output_ = &output;
    pipeline_.load(table, given);
    this->machine().synchronize();
  }

  void launch() { pipeline_.run(); }
  void run() { this->launch_once(); }

  void store() {
    pipeline_.store(*output_);
    this->machine().synchronize();
  }

  void poison() {
    pipeline_.poison();
    this->machine().synchronize();
  }

  KeyValues metrics() const {
    KeyValues out = TableVariant<cuda::ThrustMachine, Thrust>::metrics();
    out.set("version", cuda::ThrustMachine::version());
    return out;
  }

 private:
  // Features; a column at work, the same sorted, and what the sort needs besides.
  static double bytes_besides(const Preprocess::Problem& p) {
    const double features = p.phase == Preprocess::Phase::fit ? 0 : static_cast<double>(p.features());
    return static_cast<double>(p.rows) * (sizeof(float) * features + 28);
  }

  ThrustPipeline<cuda::ThrustMachine> pipeline_;
  const Preprocess::Output<T>* output_ = nullptr;
};

}  // namespace

OVERTAKE_VARIANT(Preprocess, thrust, Strategy::gpu, Thrust, float);

}  // namespace overtake
