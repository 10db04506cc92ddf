// SPDX-License-Identifier: Apache-2.0
// Fused kernels: moments and the first digits of quartiles in one reading, the other digits and the histogram in two
// more; all pairs of eight columns in one reading; groups in sums that a thread has to itself. It should win because
// nothing is sorted and nothing copied; correlations are bound by double precision, the rest by memory. A pair of which
// a column hardly varies over its rows is computed again, slowly.
#include "core/registry/variant.h"
#include "gpu/cuda/device.cuh"
#include "gpu/cuda/machine.cuh"
#include "gpu/summarize/engine/fused_summary.cuh"
#include "gpu/table/table_variant.cuh"

namespace overtake {
namespace {

template <class T>
class Cuda : public TableVariant<cuda::Machine, Cuda<T>> {
 public:
  static std::optional<std::string> unavailable() { return cuda::kernel_unavailable(cuda::run_kernel<SumPairs>); }

  Cuda(const Summarize::Problem& p, const Resources&)
      : TableVariant<cuda::Machine, Cuda>(p, 0, p.cold_l2), summary_(p, this->machine(), unclear_.data()) {}

  void load(const TableView<T>& table, const Summarize::Answer& answer) {
    answer_ = answer;
    summary_.load(table);
    this->machine().synchronize();
  }

  void launch() { again_ ? summary_.launch_again() : summary_.launch(); }

  void run() {
    again_ = false;
    unclear_.lower();
    this->launch_once();
    if (!unclear_.raised()) return;
    const double first = this->seconds_of_launch();
    again_ = true;
    this->launch_once_more(first);
  }

  void store() { summary_.store(answer_); }

  void poison() {
    summary_.poison();
    this->machine().synchronize();
  }

 private:
  cuda::Flag unclear_;
  FusedSummary<cuda::Machine> summary_;
  Summarize::Answer answer_;
  bool again_ = false;  // the pairs that were unclear
};

}  // namespace

OVERTAKE_VARIANT(Summarize, cuda, Strategy::gpu, Cuda, float);

}  // namespace overtake
