// SPDX-License-Identifier: Apache-2.0
// What the registry knows of a workload. Its source ends with OVERTAKE_WORKLOAD.
#pragma once

#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/registry/variant.h"

namespace overtake {

template <class W>
constexpr bool has_elements() {
  if constexpr (requires { W::has_elements; })
    return W::has_elements;
  else
    return true;
}

template <class W>
constexpr bool has_tensor_types() {
  if constexpr (requires { W::has_tensor_types; })
    return W::has_tensor_types;
  else
    return false;
}

template <class W>
WorkloadInfo workload_info() {
  WorkloadInfo info;
  info.name = W::name;
  info.baseline = W::baseline;
  info.size_help = W::size_help;
  info.rate_unit = W::rate_unit;
  info.param_names.assign(std::begin(W::param_names), std::end(W::param_names));
  info.parse_size = W::parse_size;
  if constexpr (requires { W::has_workers; }) info.takes_workers = W::has_workers;
  if constexpr (requires(const typename W::Problem& p) { W::rehearsed(p); })
    info.rehearsed = [](const Cell& cell) { return W::rehearsed(W::Problem::from(cell.shape, cell.params)); };
  info.cost = [](const Cell& cell) { return W::cost(W::Problem::from(cell.shape, cell.params), cell.dtype); };
  info.shrunk = [](const KeyValues& shape, std::int64_t divisor) {
    return W::Problem::from(shape, {}).shrunk(divisor).shape();
  };
  info.make_data = [](const Cell& cell, const InputSource& source,
                      const std::vector<int>& descriptors) -> std::unique_ptr<Data> {
    const auto problem = W::Problem::from(cell.shape, cell.params);
    if constexpr (has_elements<W>()) {
      if (cell.dtype == Dtype::f32) return std::make_unique<TypedData<W, float>>(problem, source, descriptors);
      if constexpr (W::has_f64)
        if (cell.dtype == Dtype::f64) return std::make_unique<TypedData<W, double>>(problem, source, descriptors);
      if constexpr (has_tensor_types<W>()) {
        if (cell.dtype == Dtype::bf16) return std::make_unique<TypedData<W, Bf16>>(problem, source, descriptors);
        if (cell.dtype == Dtype::tf32) return std::make_unique<TypedData<W, Tf32>>(problem, source, descriptors);
      }
    } else if (cell.dtype == Dtype::none) {
      return std::make_unique<TypedData<W, NoElement>>(problem, source, descriptors);
    }
    throw UsageError(std::string(W::name) + " has no dtype " + std::string(to_string(cell.dtype)));
  };
  return info;
}

/// The last line of a workload's source: OVERTAKE_WORKLOAD(Matmul);
#define OVERTAKE_WORKLOAD(workload) template WorkloadInfo workload_info<workload>()

}  // namespace overtake
