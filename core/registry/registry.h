// SPDX-License-Identifier: Apache-2.0
// Every workload and variant that is linked into this program. Variants enter by OVERTAKE_VARIANT
// (core/registry/variant.h).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/registry/instance.h"

namespace overtake {

struct WorkloadInfo {
  std::string name, baseline;
  std::string size_help;                 // what --size takes, e.g. "N or MxNxK"
  std::string rate_unit;                 // "GFLOP/s", "GB/s" or "rows/s": which of the cost's figures a rate is made of
  std::vector<std::string> param_names;  // what --param takes
  bool takes_workers = true;             // false: a parameter says how many, and every cell asks for one
  /// Whether cells are run before they are timed, to verify and to warm them up; otherwise each sample is one run.
  std::function<bool(const Cell&)> rehearsed = [](const Cell&) { return true; };
  /// "1024" or "4096x64x4096" -> m=...;n=...;k=.... Throws UsageError that says what is expected.
  std::function<KeyValues(std::string_view size)> parse_size;
  std::function<Cost(const Cell&)> cost;
  /// The same shape made smaller in every dimension by `divisor`, for estimates of how long a run takes.
  std::function<KeyValues(const KeyValues& shape, std::int64_t divisor)> shrunk;
  /// Descriptors: empty, or those of another process' Data (source.attached).
  std::function<std::unique_ptr<Data>(const Cell&, const InputSource&, const std::vector<int>& descriptors)> make_data;
};

struct VariantInfo {
  std::string workload, name;
  Strategy strategy = Strategy::serial;
  std::string library;  // empty: ours; otherwise the yardstick's name
  std::vector<Dtype> dtypes;
  std::vector<Scope> scopes;
  bool own_process = false;  // each run() is a fresh process of its own: nothing to warm up, a cold start as it is
  /// nullopt: it can run here; otherwise why not and what to install.
  std::function<std::optional<std::string>()> unavailable;
  /// Throws Skip where this problem cannot be done here.
  std::function<std::unique_ptr<Instance>(Dtype, Data&, const Resources&)> make;
};

class Registry {
 public:
  static Registry& global();

  void add(WorkloadInfo);  // adding the same name again changes nothing
  void add(VariantInfo);   // throws std::logic_error where the variant is registered already

  /// Sorted by name; variants: the baseline and its naive form first, then by strategy and name.
  std::vector<const WorkloadInfo*> workloads() const;
  std::vector<const VariantInfo*> variants(std::string_view workload) const;
  const WorkloadInfo* find(std::string_view workload) const;
  const VariantInfo* find(std::string_view workload, std::string_view variant) const;

 private:
  std::vector<std::unique_ptr<WorkloadInfo>> workloads_;
  std::vector<std::unique_ptr<VariantInfo>> variants_;
};

}  // namespace overtake
