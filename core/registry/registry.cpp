// SPDX-License-Identifier: Apache-2.0
#include "core/registry/registry.h"

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace overtake {

Registry& Registry::global() {
  static Registry* const kRegistry = new Registry;
  return *kRegistry;
}

void Registry::add(WorkloadInfo workload) {
  if (find(workload.name) == nullptr) workloads_.push_back(std::make_unique<WorkloadInfo>(std::move(workload)));
}

void Registry::add(VariantInfo variant) {
  if (find(variant.workload, variant.name) != nullptr)
    throw std::logic_error("variant " + variant.workload + "/" + variant.name + " is registered twice");
  variants_.push_back(std::make_unique<VariantInfo>(std::move(variant)));
}

std::vector<const WorkloadInfo*> Registry::workloads() const {
  std::vector<const WorkloadInfo*> out;
  for (const auto& workload : workloads_) out.push_back(workload.get());
  std::sort(out.begin(), out.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  return out;
}

std::vector<const VariantInfo*> Registry::variants(std::string_view workload) const {
  std::vector<const VariantInfo*> out;
  for (const auto& variant : variants_)
    if (variant->workload == workload) out.push_back(variant.get());
  const WorkloadInfo* info = find(workload);
  const auto rank = [&](const VariantInfo* v) {
    const bool is_baseline = info != nullptr && v->name == info->baseline;
    const int first = v->name == "serial_naive" ? 0 : is_baseline ? 1 : 2;
    return std::tuple(first, !v->library.empty(), v->strategy, std::string_view(v->name));
  };
  std::sort(out.begin(), out.end(), [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  return out;
}

const WorkloadInfo* Registry::find(std::string_view workload) const {
  for (const auto& info : workloads_)
    if (info->name == workload) return info.get();
  return nullptr;
}

const VariantInfo* Registry::find(std::string_view workload, std::string_view variant) const {
  for (const auto& info : variants_)
    if (info->workload == workload && info->name == variant) return info.get();
  return nullptr;
}

}  // namespace overtake
