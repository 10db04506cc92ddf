// SPDX-License-Identifier: Apache-2.0
// What the GPU ceilings share beside their kernels: which level they are of, timing, what was observed.
#pragma once

#include <optional>
#include <string>

#include "core/registry/variant.h"
#include "core/workload/ceiling.h"
#include "gpu/cuda/buffer.cuh"
#include "gpu/cuda/device.cuh"
#include "gpu/cuda/observed.cuh"
#include "gpu/cuda/timed_launches.cuh"

namespace overtake {

/// `Self` derives from this and has launch(cudaStream_t).
template <class Self>
class GpuProbe {
 public:
  static std::optional<std::string> unavailable() { return cuda::device_unavailable(); }

  void run() {
    timed_.run(stream_, [this](cudaStream_t stream) { static_cast<Self*>(this)->launch(stream); });
  }
  int workers() const { return 0; }
  double device_seconds() {
    return timed_.seconds(stream_, [this](cudaStream_t stream) { static_cast<Self*>(this)->launch(stream); });
  }
  KeyValues metrics() const { return cuda::observed(timed_); }

 protected:
  const Ceiling::Problem& problem() const { return problem_; }
  const cuda::Stream& stream() const { return stream_; }

  /// Complete when it returns.
  template <class T>
  void copy(T* to, const T* from, std::size_t count) const {
    OVERTAKE_CUDA_CHECK(cudaMemcpyAsync(to, from, count * sizeof(T), cudaMemcpyDefault, stream_.get()));
    stream_.synchronize();
  }
  /// All bits set is a NaN.
  template <class T>
  void make_useless(const cuda::Buffer<T>& buffer) const {
    OVERTAKE_CUDA_CHECK(cudaMemsetAsync(buffer.data(), 0xFF, buffer.bytes(), stream_.get()));
    stream_.synchronize();
  }

  static int multiprocessors() {
    int device = 0, count = 0;
    OVERTAKE_CUDA_CHECK(cudaGetDevice(&device));
    OVERTAKE_CUDA_CHECK(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device));
    return count;
  }

 private:
  friend Self;  // nobody else can be one

  /// Throws Skip where the problem is of another level, before anything is asked of a device.
  GpuProbe(const Ceiling::Problem& p, Ceiling::Level level) : problem_(of_level(p, level)) {}

  static Ceiling::Problem of_level(const Ceiling::Problem& p, Ceiling::Level level) {
    if (p.level != level)
      throw Skip("this is a ceiling of " + std::string(to_string(level)) + ", not of " +
                 std::string(to_string(p.level)));
    return p;
  }

  Ceiling::Problem problem_;
  cuda::Stream stream_;
  cuda::TimedLaunches timed_;
};

}  // namespace overtake
