// SPDX-License-Identifier: Apache-2.0
// The product without a kernel of one's own: thrust::transform over the indices of C. It wins by being ten lines that
// run wherever Thrust runs; it costs what the textbook kernel costs.
#include <thrust/execution_policy.h>
#include <thrust/version.h>

#include "gpu/matmul/engine/gpu_variant.cuh"
#include "gpu/matmul/engine/thrust_product.cuh"

namespace overtake {
namespace {

template <class T>
class Thrust : public GpuVariant<T, Thrust<T>> {
 public:
  static std::optional<std::string> unavailable() { return cuda::device_unavailable(); }

  Thrust(const Matmul::Problem& p, const Resources&) : GpuVariant<T, Thrust>(p) {}

  void launch_product(cudaStream_t stream) {
    const Product<T> p = this->operands().product();
    thrust_product(thrust::cuda::par_nosync.on(stream), p.a, p.b, p.c, p.m, p.n, p.k);
  }

  KeyValues metrics() const {
    KeyValues out = GpuVariant<T, Thrust>::metrics();
    out.set("version", std::to_string(THRUST_MAJOR_VERSION) + "." + std::to_string(THRUST_MINOR_VERSION) + "." +
                           std::to_string(THRUST_SUBMINOR_VERSION));
    return out;
  }
};

}  // namespace

OVERTAKE_VARIANT(Matmul, thrust, Strategy::gpu, Thrust, float, double);

}  // namespace overtake
