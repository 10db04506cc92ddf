// SPDX-License-Identifier: Apache-2.0
#include "compare/json.h"

#include <cmath>

namespace overtake::compare {

using nlohmann::ordered_json;

ordered_json json_number(std::optional<double> value) {
  return value && std::isfinite(*value) ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json json_object(const KeyValues& values) {
  ordered_json out = ordered_json::object();
  for (const auto& [key, value] : values) out[key] = value;
  return out;
}

ordered_json json_ratio(const Ratio& ratio) {
  ordered_json out = {{"estimate", json_number(ratio.estimate)}};
  out["low"] = ratio.has_interval ? json_number(ratio.low) : ordered_json(nullptr);
  out["high"] = ratio.has_interval ? json_number(ratio.high) : ordered_json(nullptr);
  out["p"] = ratio.p;
  out["unit"] = ratio.unit == Unit::processes ? "processes" : ratio.unit == Unit::samples ? "samples" : "none";
  out["base_units"] = ratio.base_units;
  out["other_units"] = ratio.other_units;
  return out;
}

}  // namespace overtake::compare
