// SPDX-License-Identifier: Apache-2.0
// The table that CMake writes of every variant that the sources declare, built or not.
#pragma once

#include <span>
#include <string_view>

namespace overtake {

struct DeclaredVariant {
  std::string_view workload, variant, file;
  std::string_view missing;  // empty: built into this program's build tree; otherwise why it was not built
};

std::span<const DeclaredVariant> declared_variants();

}  // namespace overtake
