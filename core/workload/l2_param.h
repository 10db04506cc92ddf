// SPDX-License-Identifier: Apache-2.0
// The parameter l2 of workloads that run on GPUs.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "core/key_values.h"

namespace overtake {

/// Of workloads that take it: cold or warm (the default), what a GPU's L2 cache holds when a run begins. Variants that
/// run elsewhere have no such cache.
constexpr std::string_view kL2Param = "l2";

/// Whether it is to be made cold. Throws UsageError.
inline bool cold_l2(const KeyValues& params) {
  const std::string l2 = params.find(kL2Param).value_or("warm");
  if (l2 != "warm" && l2 != "cold") throw UsageError("--param l2=" + l2 + ": expected warm or cold");
  return l2 == "cold";
}

}  // namespace overtake
