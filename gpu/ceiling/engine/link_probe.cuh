// SPDX-License-Identifier: Apache-2.0
// Copies between the host's memory and the GPU's: what h2d_pinned, h2d_pageable, d2h_pinned and d2h_pageable share.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "gpu/ceiling/engine/gpu_probe.cuh"
#include "gpu/cuda/host_buffer.cuh"

namespace overtake {

/// Memory that the system may move or write to disk: the driver copies it through memory of its own.
template <class T>
class PageableBuffer {
 public:
  explicit PageableBuffer(std::size_t count) : values_(count) {}
  T* data() { return values_.data(); }
  std::size_t size() const { return values_.size(); }

 private:
  std::vector<T> values_;
};

enum class Direction { to_device, to_host };

template <class T, Direction kDirection, template <class> class HostMemory>
class LinkProbe : public GpuProbe<LinkProbe<T, kDirection, HostMemory>> {
 public:
  LinkProbe(const Ceiling::Problem& p, const Resources&)
      : GpuProbe<LinkProbe>(p, Ceiling::Level::gpu_link),
        device_(static_cast<std::size_t>(p.elements / 2)),
        host_(device_.size()) {}

  void load(const Ceiling::Input<T>& input, Ceiling::Output<T>& output) {
    output_ = &output;
    if constexpr (kDirection == Direction::to_device)
      std::copy_n(input.x.data(), host_.size(), host_.data());
    else
      this->copy(device_.data(), input.x.data(), device_.size());
  }

  void launch(cudaStream_t stream) {
    constexpr bool kUp = kDirection == Direction::to_device;
    OVERTAKE_CUDA_CHECK(cudaMemcpyAsync(kUp ? device_.data() : host_.data(), kUp ? host_.data() : device_.data(),
                                        device_.bytes(), kUp ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost,
                                        stream));
  }

  void store() {
    output_->answer() = {Ceiling::Stored::copy, 0};
    if constexpr (kDirection == Direction::to_device)
      this->copy(output_->y.data(), device_.data(), device_.size());
    else
      std::copy_n(host_.data(), host_.size(), output_->y.data());
  }

  void poison() {
    if constexpr (kDirection == Direction::to_device)
      this->make_useless(device_);
    else
      std::fill_n(host_.data(), host_.size(), std::numeric_limits<T>::quiet_NaN());
  }

 private:
  cuda::Buffer<T> device_;
  HostMemory<T> host_;
  Ceiling::Output<T>* output_ = nullptr;
};

}  // namespace overtake
