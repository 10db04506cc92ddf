// SPDX-License-Identifier: Apache-2.0
// How fast one level of memory can be copied by ordinary stores: what most programs can have. It costs, in memory, a
// read of each line that is about to be overwritten, which is not counted.
#include "core/registry/variant.h"
#include "cpu/ceiling/engine/bandwidth_probe.h"

namespace overtake {
namespace {

template <class T>
class Copy : public BandwidthProbe {
 public:
  Copy(const Ceiling::Problem& p, const Resources& resources) : BandwidthProbe(Kind::copy, p, resources) {}
  void run() {
    const auto copy = probes().copy;
    for_each_part([&](Part& part) { copy(part.from, part.to, part.count, part.passes); });
  }
};

}  // namespace

OVERTAKE_VARIANT(Ceiling, copy, Strategy::threads, Copy, float);

}  // namespace overtake
