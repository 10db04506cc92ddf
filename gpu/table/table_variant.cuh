// SPDX-License-Identifier: Apache-2.0
// What a variant of preprocess or summarize for GPUs is besides its launches: whether the device has room, timing, a
// cold cache, what was observed.
#pragma once

#include <memory>
#include <string>

#include "core/key_values.h"
#include "core/workload/table_input.h"
#include "gpu/cuda/l2_cache.cuh"
#include "gpu/cuda/observed.cuh"
#include "gpu/cuda/pool.cuh"
#include "gpu/cuda/timed_launches.cuh"

namespace overtake {

/// `Self` derives from this and has launch(), which puts a run on machine().stream(). `Machine`: cuda::Machine or what
/// derives from it.
template <class Machine, class Self>
class TableVariant {
 public:
  void reset() {
    if (l2_cache_) l2_cache_->make_cold(machine_.stream());
  }
  int workers() const { return 0; }
  /// In a series only the first launch would find the cache cold.
  double device_seconds() {
    return first_seconds_ + timed_.seconds(machine_.stream(), launched(), l2_cache_ == nullptr);
  }
  KeyValues metrics() const { return cuda::observed(timed_); }

 protected:
  const Machine& machine() const { return machine_; }

  /// One launch, complete when it returns.
  void launch_once() {
    first_seconds_ = 0;
    timed_.run(machine_.stream(), launched());
  }
  /// One more, where the first showed that it is needed: the time between the events is that of both.
  void launch_once_more(double first_seconds) {
    timed_.run(machine_.stream(), launched());
    first_seconds_ = first_seconds;
  }
  /// What the launch before took.
  double seconds_of_launch() { return timed_.seconds(machine_.stream(), launched(), false); }

 private:
  friend Self;  // nobody else can be one

  /// Throws Skip where the table and `besides` bytes are more than the device has free.
  TableVariant(const TableShape& shape, double besides, bool cold_l2) {
    // What the driver and a library's workspace need.
    constexpr double kReserve = 256e6;
    const double needed = 4.0 * static_cast<double>(shape.rows) * static_cast<double>(shape.cols) + besides;
    const std::size_t free = cuda::available_bytes();
    if (needed + kReserve > static_cast<double>(free))
      throw Skip("needs " + std::to_string(static_cast<std::int64_t>(needed / 1e6)) + " MB of GPU memory, " +
                 std::to_string(free / 1000000) + " MB are free");
    if (cold_l2) l2_cache_ = std::make_unique<cuda::L2Cache>();
  }

  auto launched() {
    return [this](cudaStream_t) { static_cast<Self*>(this)->launch(); };
  }

  Machine machine_;
  std::unique_ptr<cuda::L2Cache> l2_cache_;
  cuda::TimedLaunches timed_;
  double first_seconds_ = 0;
};

}  // namespace overtake
