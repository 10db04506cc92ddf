// SPDX-License-Identifier: Apache-2.0
// Walks the registry: what every variant of every workload must hold, without naming one.
#include <gtest/gtest.h>

#include <set>

#include "core/registry/declared.h"
#include "core/registry/registry.h"

namespace overtake {
namespace {

TEST(Registry, HoldsExactlyWhatCMakeDeclaredAndBuilt) {
  std::set<std::pair<std::string, std::string>> declared, registered;
  for (const DeclaredVariant& row : declared_variants())
    if (row.missing.empty()) declared.emplace(row.workload, row.variant);
  for (const WorkloadInfo* workload : Registry::global().workloads())
    for (const VariantInfo* variant : Registry::global().variants(workload->name))
      registered.emplace(workload->name, variant->name);
  EXPECT_EQ(declared, registered);
  EXPECT_FALSE(registered.empty());
}

TEST(Registry, EveryWorkloadHasItsBaseline) {
  for (const WorkloadInfo* workload : Registry::global().workloads())
    EXPECT_NE(Registry::global().find(workload->name, workload->baseline), nullptr) << workload->name;
}

}  // namespace
}  // namespace overtake
