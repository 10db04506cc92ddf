// SPDX-License-Identifier: Apache-2.0
#include "core/json.h"

#include "core/error.h"

namespace overtake {

using nlohmann::ordered_json;

namespace {
constexpr std::size_t kLongestReason = 300;
}

ordered_json parse_json_object(std::string_view text, const std::string& name) {
  // Whoever walks over the value calls itself for each level: a bound here saves every one of them its own.
  const auto within_depth = [&](int depth, ordered_json::parse_event_t event, const ordered_json&) {
    using Event = ordered_json::parse_event_t;
    if (depth >= kDeepestJson && (event == Event::object_start || event == Event::array_start))
      throw UsageError(name + ": objects and lists are nested more than " + std::to_string(kDeepestJson) +
                       " deep: this is no file of a benchmark");
    return true;
  };
  ordered_json value;
  try {
    value = ordered_json::parse(text, within_depth);
  } catch (const nlohmann::json::exception& error) {
    const std::string_view what = error.what();  // "[json.exception...] parse error at line 1, column 2: ..."
    const std::size_t start = what.find("] ");
    const std::string_view reason = start == what.npos ? what : what.substr(start + 2);
    throw UsageError(name + ": " +
                     std::string(reason.substr(0, kLongestReason)));  // it may quote a token of any length
  }
  if (!value.is_object()) throw UsageError(name + ": is no JSON object: restore the file or remove it");
  return value;
}

}  // namespace overtake
