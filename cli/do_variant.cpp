// SPDX-License-Identifier: Apache-2.0
#include "cli/do_variant.h"

#include "bench/harness/plan.h"
#include "core/error.h"

namespace overtake::cli {

const VariantInfo& variant_of(const std::string& workload, const std::string& strategy) {
  const Strategy wanted = parse_strategy(strategy);
  for (const VariantInfo* variant : Registry::global().variants(workload))
    if (variant->strategy == wanted && variant->name != "serial_naive") {
      if (const auto why = variant->unavailable()) throw UsageError("--strategy " + strategy + ": " + *why);
      return *variant;
    }
  throw UsageError("--strategy " + strategy + ": " + workload + " has serial, threads, processes and gpu");
}

int workers_of(const VariantInfo& variant, const std::string& asked) {
  return variant.strategy == Strategy::serial ? 1 : bench::worker_count(Workers::parse(asked));
}

}  // namespace overtake::cli
