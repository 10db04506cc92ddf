// SPDX-License-Identifier: Apache-2.0
// What the bandwidth ceilings share: each worker's own memory, its share of the passes, and the gathering of answers.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/registry/instance.h"
#include "core/workload/ceiling.h"
#include "cpu/ceiling/engine/private_block.h"
#include "cpu/ceiling/engine/probes.h"

namespace overtake {

class BandwidthProbe {
 public:
  enum class Kind { read, copy };

  /// Throws Skip where this machine has no such level.
  BandwidthProbe(Kind, const Ceiling::Problem&, const Resources&);

  void load(const Ceiling::Input<float>&, Ceiling::Output<float>&);
  void store();
  void poison();
  int workers() const { return team_ > 0 ? team_ : static_cast<int>(parts_.size()); }
  KeyValues metrics() const;

 protected:
  struct Part {
    PrivateBlock block;
    float *from = nullptr, *to = nullptr;           // to: copies only
    std::int64_t first = 0, count = 0, passes = 0;  // elements of the input that it works on, from `first` on
    double sum = 0;
  };

  /// `work(part)` for each part, a worker each; it must not throw.
  void for_each_part(const std::function<void(Part&)>& work);

 private:
  Kind kind_;
  Ceiling::Problem problem_;
  std::vector<Part> parts_;
  int team_ = 0;
  Ceiling::Output<float>* output_ = nullptr;
};

}  // namespace overtake
