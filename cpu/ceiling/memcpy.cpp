// SPDX-License-Identifier: Apache-2.0
// The C library's memcpy: the yardstick of our probes, which would flatter every result if it were faster than they
// are.
#include <cstddef>
#include <cstring>

#include "core/registry/variant.h"
#include "cpu/ceiling/engine/bandwidth_probe.h"

namespace overtake {
namespace {

template <class T>
class Memcpy : public BandwidthProbe {
 public:
  Memcpy(const Ceiling::Problem& p, const Resources& resources) : BandwidthProbe(Kind::copy, p, resources) {}
  void run() {
    for_each_part([&](Part& part) {
      const std::size_t bytes = static_cast<std::size_t>(part.count) * sizeof(T);
      for (std::int64_t pass = 0; pass < part.passes; ++pass) std::memcpy(part.to, part.from, bytes);
    });
  }
};

}  // namespace

OVERTAKE_YARDSTICK(Ceiling, memcpy, Strategy::threads, Memcpy, "C library", float);

}  // namespace overtake
