// SPDX-License-Identifier: Apache-2.0
// Fused kernels: one reading of the columns gives all that a round of steps learns, whatever their number; one reading
// and one writing apply all steps, through shared memory, so that columns are read and rows written in whole lines. It
// should win over a pass a step because memory is all that this work waits for; it costs two small launches a round.
// Medians take three readings (radix selection), most frequent values a sort (CUB). A column with infinite values takes
// a reading for each step.
#include "core/registry/variant.h"
#include "gpu/cuda/device.cuh"
#include "gpu/cuda/machine.cuh"
#include "gpu/preprocess/engine/fused_pipeline.cuh"
#include "gpu/table/table_variant.cuh"

namespace overtake {
namespace {

// Features, keys and the same sorted; what CUB needs besides is little.
double bytes_besides(const Preprocess::Problem& p) {
  const auto rows = static_cast<double>(p.rows);
  double bytes = p.phase == Preprocess::Phase::fit ? 0 : sizeof(float) * rows * static_cast<double>(p.features());
  for (const Step& step : p.pipeline.steps)
    if (step.kind == StepKind::impute_most_frequent) return bytes + 2.1 * sizeof(unsigned) * rows;
  return bytes;
}

template <class T>
class Cuda : public TableVariant<cuda::Machine, Cuda<T>> {
 public:
  static std::optional<std::string> unavailable() { return cuda::kernel_unavailable(cuda::run_kernel<ApplySteps>); }

  Cuda(const Preprocess::Problem& p, const Resources&)
      : TableVariant<cuda::Machine, Cuda>(p, bytes_besides(p), p.cold_l2),
        pipeline_(p, this->machine(), unclear_.data()) {}

  void load(const TableView<T>& table, const Fitted& given, const Preprocess::Output<T>& output) {
    output_ = &output;
    pipeline_.load(table, given);
    this->machine().synchronize();
  }

  void launch() { pipeline_.launch(single_); }

  void run() {
    single_ = false;
    unclear_.lower();
    this->launch_once();
    if (!unclear_.raised()) return;
    const double first = this->seconds_of_launch();
    single_ = true;
    this->launch_once_more(first);
  }

  void store() {
    pipeline_.store(*output_);
    this->machine().synchronize();
  }

  void poison() {
    pipeline_.poison();
    this->machine().synchronize();
  }

 private:
  cuda::Flag unclear_;
  FusedPipeline<cuda::Machine> pipeline_;
  const Preprocess::Output<T>* output_ = nullptr;
  bool single_ = false;  // a reading for each step that learns
};

}  // namespace

OVERTAKE_VARIANT(Preprocess, cuda, Strategy::gpu, Cuda, float);

}  // namespace overtake
