// SPDX-License-Identifier: Apache-2.0
// How fast one level of memory can be copied by stores that go past the caches. It wins in memory, because lines that
// are overwritten whole need not be read first; it costs dearly where the result would have stayed in a cache.
#include "core/registry/variant.h"
#include "cpu/ceiling/engine/bandwidth_probe.h"

namespace overtake {
namespace {

template <class T>
class CopyNt : public BandwidthProbe {
 public:
  CopyNt(const Ceiling::Problem& p, const Resources& resources) : BandwidthProbe(Kind::copy, p, resources) {}
  void run() {
    const auto copy = probes().copy_nt;
    for_each_part([&](Part& part) { copy(part.from, part.to, part.count, part.passes); });
  }
};

}  // namespace

OVERTAKE_VARIANT(Ceiling, copy_nt, Strategy::threads, CopyNt, float);

}  // namespace overtake
