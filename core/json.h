// SPDX-License-Identifier: Apache-2.0
// JSON from files that anybody may have written: parsed with a bound on its depth, and with errors that name the file.
// For system.json and for other tools' results. No .cu file may see it.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace overtake {

/// Objects and lists inside each other; what we and the tools whose files we read write takes fewer than 10.
constexpr int kDeepestJson = 100;

/// The object that `text` holds; `name` stands for the file's in messages. Throws UsageError where it is no JSON, no
/// object, nested deeper than kDeepestJson or holds a number that is too large for a double.
nlohmann::ordered_json parse_json_object(std::string_view text, const std::string& name);

}  // namespace overtake
