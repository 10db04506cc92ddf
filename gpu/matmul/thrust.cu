// SPDX-License-Identifier: Apache-2.0
// The product without a kernel of one's own: thrust::transform over the indices of C. It wins by being ten lines that
// run wherever Thrust runs; it costs what the textbook kernel costs.
#include <thrust/execution_policy.h>
#include <thrust/version.h>

#include "core/registry/variant.h"
#include "core/workload/matmul.h"
#include "gpu/cuda/device.cuh"
#include "gpu/matmul/engine/device_operands.cuh"
#include "gpu/matmul/engine/thrust_product.cuh"

namespace overtake {
namespace {

template <class T>
class Thrust {
 public:
  static std::optional<std::string> unavailable() { return cuda::device_unavailable(); }

  Thrust(const Matmul::Problem& p, const Resources&) : operands_(p) {}

  void load(View<const T> a, View<const T> b, View<T> c) { operands_.load(a, b, c); }

  void run() {
    operands_.run([&](cudaStream_t stream) {
      thrust_product(thrust::cuda::par_nosync.on(stream), operands_.a(), operands_.b(), operands_.c(), operands_.m(),
                     operands_.n(), operands_.k());
    });
  }

  void store() { operands_.store(); }
  void poison() { operands_.poison(); }
  int workers() const { return 0; }
  double device_seconds() { return operands_.device_seconds(); }
  KeyValues metrics() const {
    return {{"version", std::to_string(THRUST_MAJOR_VERSION) + "." + std::to_string(THRUST_MINOR_VERSION) + "." +
                            std::to_string(THRUST_SUBMINOR_VERSION)}};
  }

 private:
  DeviceOperands<T> operands_;
};

}  // namespace

OVERTAKE_VARIANT(Matmul, thrust, Strategy::gpu, Thrust, float, double);

}  // namespace overtake
