// SPDX-License-Identifier: Apache-2.0
// A stream and an event with owners: order and time of what runs on the device.
#pragma once

#include "gpu/cuda/check.cuh"

namespace overtake::cuda {

class Event;

class Stream {
 public:
  /// Does not wait for the default stream.
  Stream() { OVERTAKE_CUDA_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  /// Waits for what was put in: it may use buffers that end next.
  ~Stream() {
    OVERTAKE_CUDA_IGNORE(cudaStreamSynchronize(stream_));
    OVERTAKE_CUDA_IGNORE(cudaStreamDestroy(stream_));
  }

  cudaStream_t get() const { return stream_; }
  /// Returns when all that was put in is done; throws what went wrong on the device.
  void synchronize() const { OVERTAKE_CUDA_CHECK(cudaStreamSynchronize(stream_)); }
  /// What is put in from now on begins when the event's last record is complete; at once where it has none.
  void wait(const Event& event) const;

 private:
  cudaStream_t stream_ = nullptr;
};

class Event {
 public:
  Event() { OVERTAKE_CUDA_CHECK(cudaEventCreate(&event_)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { OVERTAKE_CUDA_IGNORE(cudaEventDestroy(event_)); }

  void record(const Stream& stream) { OVERTAKE_CUDA_CHECK(cudaEventRecord(event_, stream.get())); }

  /// Seconds by the device's clock from `start` to this one; both must be complete.
  double seconds_since(const Event& start) const {
    float milliseconds = 0;
    OVERTAKE_CUDA_CHECK(cudaEventElapsedTime(&milliseconds, start.event_, event_));
    return static_cast<double>(milliseconds) * 1e-3;
  }

 private:
  friend class Stream;
  cudaEvent_t event_ = nullptr;
};

inline void Stream::wait(const Event& event) const {
  OVERTAKE_CUDA_CHECK(cudaStreamWaitEvent(stream_, event.event_, 0));
}

}  // namespace overtake::cuda
