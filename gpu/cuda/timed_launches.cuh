// SPDX-License-Identifier: Apache-2.0
// What one launch takes by the device's own clock: scope `device` of every variant for GPUs.
#pragma once

#include <algorithm>
#include <cmath>

#include "gpu/cuda/stream.cuh"

namespace overtake::cuda {

/// Shorter than this a launch is timed in a series: events are up to half a microsecond coarse, and their own record
/// and the launch between them take some more.
constexpr double kShortLaunchSeconds = 50e-6;
constexpr double kSeriesSeconds = 500e-6;
constexpr int kMostInSeries = 1000;

/// How many launches of a kernel that took `seconds` go between two events.
constexpr int launches_between_events(double seconds) {
  if (!(seconds < kShortLaunchSeconds)) return 1;
  if (!(seconds > kSeriesSeconds / kMostInSeries)) return kMostInSeries;
  return std::clamp(static_cast<int>(kSeriesSeconds / seconds), 1, kMostInSeries);
}

class TimedLaunches {
 public:
  /// `launch(stream)` puts the work on the stream; returns when it is complete.
  template <class Launch>
  void run(const Stream& stream, Launch&& launch) {
    series(stream, launch, 1);
    launches_ = 1;
  }

  /// Seconds of the last run; where that was short, the mean of several launches more between two events. Each must
  /// compute the same again.
  template <class Launch>
  double seconds(const Stream& stream, Launch&& launch, bool again_allowed = true) {
    const double once = stop_.seconds_since(start_);
    launches_ = again_allowed ? launches_between_events(once) : 1;
    if (launches_ == 1) return once;
    series(stream, launch, launches_);
    return stop_.seconds_since(start_) / launches_;
  }

  /// Between the events of what was timed last.
  int launches() const { return launches_; }

 private:
  template <class Launch>
  void series(const Stream& stream, Launch& launch, int count) {
    start_.record(stream);
    for (int i = 0; i < count; ++i) launch(stream.get());
    OVERTAKE_CUDA_CHECK(cudaGetLastError());
    stop_.record(stream);
    stream.synchronize();
  }

  Event start_, stop_;
  int launches_ = 1;
};

}  // namespace overtake::cuda
