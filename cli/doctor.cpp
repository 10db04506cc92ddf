// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "bench/harness/plan.h"
#include "bench/harness/selftest.h"
#include "core/registry/declared.h"
#include "core/registry/registry.h"
#include "core/system/resources.h"
#include "core/system/system.h"

namespace overtake::cli {
namespace {

// What of system.json a person looks for first.
constexpr const char* kShown[] = {"host_processor_model_name", "host_processor_core_count", "host_memory_capacity",
                                  "operating_system",          "accelerator_model_name",    "accelerators_per_node"};

std::string text_of(const nlohmann::ordered_json& system, const std::string& key) {
  if (!system.contains(key)) return "not described";
  const auto& value = system[key];
  if (!value.is_null()) return value.is_string() ? value.get<std::string>() : value.dump();
  const bool has_reason = system.contains("unavailable") && system["unavailable"].contains(key);
  return "unknown" + (has_reason ? ": " + system["unavailable"][key].get<std::string>() : "");
}

void print_machine(const nlohmann::ordered_json& system) {
  fmt::print("Machine\n");
  for (const char* key : kShown) fmt::print("  {:28} {}\n", key, text_of(system, key));
  fmt::print("  {:28} {}\n", "workers: all", physical_cores_allowed());
  for (const CacheLevel& level : data_caches())
    fmt::print("  {:28} {} KiB, shared by {}\n", fmt::format("L{} data cache", level.level), level.bytes / 1024,
               level.shared_by);
  fmt::print("\nWhat would distort results\n");
  const auto sentences = distortions(system);
  for (const std::string& sentence : sentences) fmt::print("  ! {}\n", sentence);
  if (sentences.empty()) fmt::print("  nothing found\n");
}

void print_variants(const std::string& workload) {
  fmt::print("\n{}\n", workload);
  for (const VariantInfo* variant : Registry::global().variants(workload)) {
    std::string dtypes;
    for (const Dtype dtype : variant->dtypes) dtypes += (dtypes.empty() ? "" : " ") + std::string(to_string(dtype));
    const auto why = variant->unavailable();
    fmt::print("  {:16} {:10} {:8} {}\n", variant->name, to_string(variant->strategy), dtypes,
               why ? "no: " + *why : "available");
  }
  for (const DeclaredVariant& row : declared_variants())
    if (row.workload == workload && !row.missing.empty())
      fmt::print("  {:16} {:10} {:8} no: {}\n", row.variant, "", "", row.missing);
}

}  // namespace

Status doctor() {
  print_machine(describe_system());
  for (const WorkloadInfo* workload : Registry::global().workloads()) print_variants(workload->name);
  fmt::print(
      "\nNext: overtake doctor --selftest proves the checkers; overtake run --quick compares what is available.\n");
  return Status::good;
}

Status selftest() {
  Status status = Status::good;
  for (const Cell& cell : bench::selftest_cells()) {
    fmt::print("{}\n", cell.name());
    std::fflush(stdout);
    for (const bench::FaultResult& result : bench::selftest(cell)) {
      fmt::print("  {:8} {}{}\n", result.as_it_should ? "ok" : "MISSED", result.name,
                 result.detail.empty() ? "" : "  (" + result.detail + ")");
      if (!result.as_it_should) status = Status::failure;
    }
  }
  fmt::print("{}\n", status == Status::good ? "Every planted fault was caught."
                                            : "A fault went unseen: do not trust results of this build.");
  return status;
}

}  // namespace overtake::cli
