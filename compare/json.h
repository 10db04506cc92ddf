// SPDX-License-Identifier: Apache-2.0
// Figures as JSON, which has neither infinity nor NaN. For what the room prints for machines.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "compare/statistics.h"
#include "core/key_values.h"

namespace overtake::compare {

/// null where it is missing or not finite.
nlohmann::ordered_json json_number(std::optional<double> value);
nlohmann::ordered_json json_object(const KeyValues& values);
/// estimate, low, high, p, unit, base_units and other_units.
nlohmann::ordered_json json_ratio(const Ratio& ratio);

}  // namespace overtake::compare
