// SPDX-License-Identifier: Apache-2.0
// What kept a cell from its cores while it was timed: other programs, the hypervisor, the quota, the clock. For the
// metrics of a sample.
#pragma once

#include <cstdint>

#include "core/key_values.h"

namespace overtake::bench {

/// Adds up over the samples of one cell in one process, because the kernel counts stolen time in ticks of 10 ms.
class Interference {
 public:
  /// Around what is timed; both cost some 50 us and stand outside of it.
  void start();
  void stop();

  /// runqueue_wait: seconds that threads of this process stood ready without a core, per second timed. steal: share of
  /// all cores' time that the hypervisor gave to others. throttled_seconds: by the quota, where there was any.
  /// clock_hz_low and clock_hz_high: of the cores as the kernel sees them, where it does. What the system does not tell
  /// is left out.
  void add_to(KeyValues& metrics) const;

 private:
  struct Snapshot {
    double waited = -1, throttled = -1;            // seconds; -1: unknown
    std::int64_t stolen_ticks = 0, all_ticks = 0;  // of all cores
    double at = 0;
  };
  static Snapshot snapshot();
  void look_at_clock();

  Snapshot before_;
  double seconds_ = 0, waited_ = 0, throttled_ = 0;
  bool knows_waiting_ = true;
  std::int64_t stolen_ticks_ = 0, all_ticks_ = 0;
  double clock_low_ = 0, clock_high_ = 0;
};

}  // namespace overtake::bench
