// SPDX-License-Identifier: Apache-2.0
// Figure by figure from a library: transform_reduce for moments and for each pair of columns, sort for quartiles and
// histogram, sort_by_key and reduce_by_key for groups. It wins by being short and by running wherever Thrust runs; each
// figure costs a pass or a sort, and the host waits for each.
#include "core/registry/variant.h"
#include "gpu/cuda/device.cuh"
#include "gpu/cuda/thrust_machine.cuh"
#include "gpu/summarize/engine/thrust_summary.cuh"
#include "gpu/table/table_variant.cuh"

namespace overtake {
namespace {

template <class T>
class Thrust : public TableVariant<cuda::ThrustMachine, Thrust<T>> {
 public:
  static std::optional<std::string> unavailable() { return cuda::device_unavailable(); }

  // Sorted values, codes, the order of rows and their sums, and what the sorts need besides.
  Thrust(const Summarize::Problem& p, const Resources&)
      : TableVariant<cuda::ThrustMachine, Thrust>(p, 64.0 * static_cast<double>(p.rows), p.cold_l2),
        summary_(p, this->machine()) {}

  void load(const TableView<T>& table, const Summarize::Answer& answer) {
    summary_.load(table, answer);
    this->machine().synchronize();
  }

  void launch() { summary_.run(); }
  void run() { this->launch_once(); }
  void store() {}  // a run leaves its figures on the host

  KeyValues metrics() const {
    KeyValues out = TableVariant<cuda::ThrustMachine, Thrust>::metrics();
    out.set("version", cuda::ThrustMachine::version());
    return out;
  }

 private:
  ThrustSummary<cuda::ThrustMachine> summary_;
};

}  // namespace

OVERTAKE_VARIANT(Summarize, thrust, Strategy::gpu, Thrust, float);

}  // namespace overtake
