// SPDX-License-Identifier: Apache-2.0
// Which variant of a workload does its work for `overtake do`.
#pragma once

#include <string>

#include "core/registry/registry.h"

namespace overtake::cli {

/// The one of this strategy; throws UsageError where there is none, or none that can run here.
const VariantInfo& variant_of(const std::string& workload, const std::string& strategy);

/// How many workers it gets where the user asked for so many ("all" or a number).
int workers_of(const VariantInfo&, const std::string& asked);

}  // namespace overtake::cli
