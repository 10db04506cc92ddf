// SPDX-License-Identifier: Apache-2.0
#include "compare/system_difference.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "compare/text.h"

namespace overtake::compare {
namespace {

using nlohmann::ordered_json;

constexpr const char* kUnavailable = "unavailable";
constexpr std::size_t kLineWidth = 110, kLongest = 400;

std::string value_text(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// Every value that is no object, by its path. Lists are values: their order means something.
void flatten(const ordered_json& object, const std::string& prefix, std::vector<std::string>& order,
             std::map<std::string, std::string>& values) {
  for (const auto& [key, value] : object.items()) {
    // Distortions are sentences made of the other fields.
    if (prefix.empty() && (key == kUnavailable || key == "distortions")) continue;
    const std::string path = prefix + key;
    if (value.is_object()) {
      flatten(value, path + ".", order, values);
      continue;
    }
    order.push_back(path);
    if (!value.is_null()) values[path] = value_text(value);
  }
}

std::string value_or_reason(const ordered_json& system, const std::map<std::string, std::string>& values,
                            const std::string& path) {
  if (const auto at = values.find(path); at != values.end()) return at->second;
  if (system.is_object() && system.contains(kUnavailable) && system[kUnavailable].is_object())
    if (const auto reason = system[kUnavailable].find(path); reason != system[kUnavailable].end())
      return "unknown (" + value_text(*reason) + ")";
  return "unknown";
}

}  // namespace

std::vector<Difference> differing_fields(const ordered_json& base, const ordered_json& other) {
  std::vector<std::string> order;
  std::map<std::string, std::string> from, to;
  if (base.is_object()) flatten(base, "", order, from);
  if (other.is_object()) flatten(other, "", order, to);
  std::vector<Difference> differences;
  std::set<std::string> seen;
  for (const std::string& path : order) {
    if (!seen.insert(path).second) continue;
    const auto a = from.find(path), b = to.find(path);
    const bool is_in_a = a != from.end(), is_in_b = b != to.end();
    if (is_in_a == is_in_b && (!is_in_a || a->second == b->second)) continue;
    differences.push_back({path, value_or_reason(base, from, path), value_or_reason(other, to, path)});
  }
  return differences;
}

std::string differences_text(const std::vector<Difference>& differences) {
  std::string out;
  for (const Difference& difference : differences) {
    const std::string field = printable(difference.field), base = printable(difference.base, kLongest),
                      other = printable(difference.other, kLongest);
    if (display_width(field) + display_width(base) + display_width(other) + 8 <= kLineWidth)
      out += fmt::format("  {}: {} → {}\n", field, base, other);
    else
      out += fmt::format("  {}\n    base   {}\n    other  {}\n", field, base, other);
  }
  return out;
}

}  // namespace overtake::compare
