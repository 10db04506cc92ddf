// SPDX-License-Identifier: Apache-2.0
// How fast the GPU's own memory can be copied by a kernel, which bounds what reads and writes as much: elementwise
// work. 16 bytes a load, four under way in each thread.
#include "gpu/ceiling/engine/gpu_probe.cuh"
#include "gpu/ceiling/engine/same_results.cuh"

namespace overtake {
namespace {

__global__ void __launch_bounds__(ProbeKernels::kThreads)
    copy_kernel(const Vector<float>* from, Vector<float>* to, std::int64_t vectors, std::int64_t blocks) {
  ProbeKernels::copy(cuda::DeviceBlock{}, from, to, vectors, blocks);
}

template <class T>
class GpuCopy : public GpuProbe<GpuCopy<T>> {
 public:
  static std::optional<std::string> unavailable() { return cuda::kernel_unavailable(copy_kernel); }

  GpuCopy(const Ceiling::Problem& p, const Resources&)
      : GpuProbe<GpuCopy>(p, Ceiling::Level::gpu_memory),
        from_(static_cast<std::size_t>(p.elements / 2 * p.passes)),
        to_(from_.size()),
        blocks_(8 * this->multiprocessors()) {}

  void load(const Ceiling::Input<T>& input, Ceiling::Output<T>& output) {
    output_ = &output;
    const std::size_t half = input.x.size() / 2;
    for (std::int64_t i = 0; i < this->problem().passes; ++i)
      this->copy(from_.data() + static_cast<std::size_t>(i) * half, input.x.data(), half);
  }

  void launch(cudaStream_t stream) {
    copy_kernel<<<static_cast<unsigned>(blocks_), ProbeKernels::kThreads, 0, stream>>>(
        reinterpret_cast<const Vector<float>*>(from_.data()), reinterpret_cast<Vector<float>*>(to_.data()),
        static_cast<std::int64_t>(to_.size()) / kVectorWidth<float>, std::int64_t{blocks_});
  }

  void store() {
    output_->answer() = {Ceiling::Stored::copy, 0};
    this->copy(output_->y.data(), to_.data(), output_->y.size());
    if (!repeats(this->stream(), to_.data(), static_cast<std::int64_t>(to_.size()), this->problem().elements / 2))
      output_->poison();
  }

  void poison() { this->make_useless(to_); }

 private:
  cuda::Buffer<float> from_, to_;
  int blocks_;
  Ceiling::Output<T>* output_ = nullptr;
};

}  // namespace

OVERTAKE_VARIANT(Ceiling, gpu_copy, Strategy::gpu, GpuCopy, float);

}  // namespace overtake
