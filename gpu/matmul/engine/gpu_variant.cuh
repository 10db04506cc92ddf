// SPDX-License-Identifier: Apache-2.0
// What a variant of matmul for GPUs is besides its launch: transfers, timing, a cold cache, what was observed.
#pragma once

#include <memory>

#include "core/registry/variant.h"
#include "gpu/cuda/device.cuh"
#include "gpu/cuda/l2_cache.cuh"
#include "gpu/cuda/observed.cuh"
#include "gpu/cuda/timed_launches.cuh"
#include "gpu/matmul/engine/device_operands.cuh"

namespace overtake {

/// `Self` derives from this and has launch_product(cudaStream_t), which puts the whole product of operands() on the
/// stream: of all rows or, with overlapped transfers, of those that product() says. It is not called where C is empty.
/// A variant that cannot compute a part of the rows has a type WholeProductsOnly, and no overlapped transfers.
template <class T, class Self>
class GpuVariant {
 public:
  void load(View<const T> a, View<const T> b, View<T> c) { operands_.load(a, b, c); }

  void reset() {
    if (l2_cache_) l2_cache_->make_cold(operands_.stream());
  }

  /// With overlapped transfers it returns when all is on its way: chunks that are complete leave in the meantime. Only
  /// scopes that store the result before they look at a clock have these (bench/harness/plan.cpp).
  void run() {
    if (operands_.transfers().are_overlapped())
      operands_.compute_chunks(launch());
    else
      timed_.run(operands_.stream(), launch());
  }
  void store() { operands_.store(); }
  void poison() { operands_.poison(); }
  int workers() const { return 0; }

  /// In a series only the first launch would find the cache cold.
  double device_seconds() { return timed_.seconds(operands_.stream(), launch(), l2_cache_ == nullptr); }

  KeyValues metrics() const {
    KeyValues out = cuda::observed(timed_);
    if (operands_.transfers().are_overlapped()) out.set("chunks", operands_.transfers().chunks());
    return out;
  }

 protected:
  const DeviceOperands<T>& operands() const { return operands_; }
  DeviceOperands<T>& operands() { return operands_; }

 private:
  friend Self;  // nobody else can be one

  /// row_multiple: see DeviceOperands.
  explicit GpuVariant(const Matmul::Problem& p, std::size_t row_multiple = sizeof(T)) : operands_(p, row_multiple) {
    if constexpr (requires { typename Self::WholeProductsOnly; })
      if (p.transfer == Transfer::overlapped)
        throw Skip("computes all rows at once, so there are no chunks for transfers to overlap with");
    if (p.cold_l2) l2_cache_ = std::make_unique<cuda::L2Cache>();
  }

  auto launch() {
    return [this](cudaStream_t stream) {
      if (!operands_.empty()) static_cast<Self*>(this)->launch_product(stream);
    };
  }

  DeviceOperands<T> operands_;
  std::unique_ptr<cuda::L2Cache> l2_cache_;
  cuda::TimedLaunches timed_;
};

}  // namespace overtake
