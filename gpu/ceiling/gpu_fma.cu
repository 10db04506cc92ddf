// SPDX-License-Identifier: Apache-2.0
// How many multiply-adds the GPU's general units can do: independent chains of them in registers. Tensor cores, which
// cuBLAS uses for f64, are no part of it.
#include <algorithm>

#include "gpu/ceiling/engine/gpu_probe.cuh"
#include "gpu/ceiling/engine/same_results.cuh"

namespace overtake {
namespace {

template <class T>
__global__ void __launch_bounds__(ProbeKernels::kThreads)
    multiply_add_kernel(const T* x, int period, T factor, T addend, int steps, T* y) {
  ProbeKernels::multiply_add(cuda::DeviceBlock{}, x, period, factor, addend, steps, y);
}

template <class T>
class GpuFma : public GpuProbe<GpuFma<T>> {
 public:
  static std::optional<std::string> unavailable() { return cuda::kernel_unavailable(multiply_add_kernel<T>); }

  GpuFma(const Ceiling::Problem& p, const Resources&)
      : GpuProbe<GpuFma>(p, Ceiling::Level::gpu_registers),
        x_(static_cast<std::size_t>(p.elements)),
        y_(static_cast<std::size_t>(p.elements * p.passes)) {}

  void load(const Ceiling::Input<T>& input, Ceiling::Output<T>& output) {
    output_ = &output;
    addend_ = input.addend;
    this->copy(x_.data(), input.x.data(), input.x.size());
  }

  void launch(cudaStream_t stream) {
    constexpr std::size_t kOfBlock = ProbeKernels::kThreads * ProbeKernels::kChains;
    multiply_add_kernel<<<static_cast<unsigned>(y_.size() / kOfBlock), ProbeKernels::kThreads, 0, stream>>>(
        x_.data(), static_cast<int>(x_.size()), T{-1}, addend_, static_cast<int>(this->problem().steps()), y_.data());
  }

  void store() {
    output_->answer().stored = Ceiling::Stored::steps;
    this->copy(output_->y.data(), y_.data(), output_->y.size());
    if (!repeats(this->stream(), y_.data(), static_cast<std::int64_t>(y_.size()), this->problem().elements))
      output_->poison();
  }

  void poison() { this->make_useless(y_); }

 private:
  cuda::Buffer<T> x_, y_;
  T addend_ = 0;
  Ceiling::Output<T>* output_ = nullptr;
};

}  // namespace

OVERTAKE_VARIANT(Ceiling, gpu_fma, Strategy::gpu, GpuFma, float, double);

}  // namespace overtake
