// SPDX-License-Identifier: Apache-2.0
// How fast the GPU's own memory can be read: sums, four loads of 16 bytes under way in each thread. The ceiling of what
// reads much and writes little, fits and reductions.
#include <numeric>
#include <vector>

#include "gpu/ceiling/engine/gpu_probe.cuh"
#include "gpu/ceiling/engine/probe_kernels.cuh"
#include "gpu/cuda/device_block.cuh"

namespace overtake {
namespace {

__global__ void __launch_bounds__(ProbeKernels::kThreads)
    sum_kernel(const Vector<float>* x, std::int64_t vectors, std::int64_t blocks, double* out) {
  __shared__ double shared[ProbeKernels::kThreads];
  ProbeKernels::sum(cuda::DeviceBlock{}, x, vectors, blocks, shared, out);
}

template <class T>
class GpuRead : public GpuProbe<GpuRead<T>> {
 public:
  static std::optional<std::string> unavailable() { return cuda::kernel_unavailable(sum_kernel); }

  GpuRead(const Ceiling::Problem& p, const Resources&)
      : GpuProbe<GpuRead>(p, Ceiling::Level::gpu_memory),
        x_(static_cast<std::size_t>(p.elements * p.passes)),
        // As many blocks as fit at once: every thread then has the same number of turns but one.
        sums_(static_cast<std::size_t>(8 * this->multiprocessors())) {}

  void load(const Ceiling::Input<T>& input, Ceiling::Output<T>& output) {
    output_ = &output;
    for (std::int64_t i = 0; i < this->problem().passes; ++i)
      this->copy(x_.data() + i * this->problem().elements, input.x.data(), input.x.size());
  }

  void launch(cudaStream_t stream) {
    const auto vectors = static_cast<std::int64_t>(x_.size()) / kVectorWidth<float>;
    sum_kernel<<<static_cast<unsigned>(sums_.size()), ProbeKernels::kThreads, 0, stream>>>(
        reinterpret_cast<const Vector<float>*>(x_.data()), vectors, static_cast<std::int64_t>(sums_.size()),
        sums_.data());
  }

  void store() {
    std::vector<double> sums(sums_.size());
    this->copy(sums.data(), sums_.data(), sums.size());
    output_->answer() = {Ceiling::Stored::sum, std::accumulate(sums.begin(), sums.end(), 0.0)};
  }

  void poison() { this->make_useless(sums_); }

 private:
  cuda::Buffer<float> x_;
  cuda::Buffer<double> sums_;
  Ceiling::Output<T>* output_ = nullptr;
};

}  // namespace

OVERTAKE_VARIANT(Ceiling, gpu_read, Strategy::gpu, GpuRead, float);

}  // namespace overtake
