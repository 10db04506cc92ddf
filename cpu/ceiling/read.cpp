// SPDX-License-Identifier: Apache-2.0
// How fast one level of memory can be read: whole vectors, summed in enough registers to hide the additions' latency.
// It costs a private copy of the data for each worker, made before the clock starts.
#include "core/registry/variant.h"
#include "cpu/ceiling/engine/bandwidth_probe.h"

namespace overtake {
namespace {

template <class T>
class Read : public BandwidthProbe {
 public:
  Read(const Ceiling::Problem& p, const Resources& resources) : BandwidthProbe(Kind::read, p, resources) {}
  void run() {
    const auto read = probes().read;
    for_each_part([&](Part& part) { part.sum = read(part.from, part.count, part.passes); });
  }
};

}  // namespace

OVERTAKE_VARIANT(Ceiling, read, Strategy::threads, Read, float);

}  // namespace overtake
