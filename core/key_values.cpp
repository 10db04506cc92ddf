// SPDX-License-Identifier: Apache-2.0
#include "core/key_values.h"

#include <algorithm>
#include <charconv>

#include "core/error.h"

namespace overtake {
namespace {

std::string storable(std::string_view value) {
  std::string out(value);
  std::replace_if(out.begin(), out.end(), [](unsigned char c) { return c == ';' || c == '=' || c < 0x20; }, '_');
  return out;
}

}  // namespace

KeyValues::KeyValues(std::initializer_list<std::pair<std::string, std::string>> entries) {
  for (const auto& [key, value] : entries) set(key, value);
}

KeyValues KeyValues::parse(std::string_view text) {
  KeyValues out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view entry = text.substr(0, end);
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0)
      throw UsageError("'" + std::string(entry) + "' is not of the form key=value");
    const std::string_view key = entry.substr(0, equals);
    if (out.contains(key)) throw UsageError("key '" + std::string(key) + "' is given twice");
    out.set(key, entry.substr(equals + 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string KeyValues::to_string() const {
  std::string out;
  for (const auto& [key, value] : entries_) {
    if (!out.empty()) out += ';';
    out += key + '=' + value;
  }
  return out;
}

void KeyValues::set(std::string_view key, std::string_view value) {
  for (auto& [existing, old] : entries_)
    if (existing == key) {
      old = storable(value);
      return;
    }
  entries_.emplace_back(storable(key), storable(value));
}

void KeyValues::set(std::string_view key, std::int64_t value) { set(key, std::string_view(std::to_string(value))); }

void KeyValues::set(std::string_view key, double value) {
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  set(key, std::string_view(text, static_cast<std::size_t>(result.ptr - text)));
}

std::optional<std::string> KeyValues::find(std::string_view key) const {
  for (const auto& [existing, value] : entries_)
    if (existing == key) return value;
  return std::nullopt;
}

std::int64_t KeyValues::integer(std::string_view key) const {
  const auto text = find(key);
  if (!text) throw UsageError("key '" + std::string(key) + "' is missing");
  std::int64_t value = 0;
  const auto result = std::from_chars(text->data(), text->data() + text->size(), value);
  if (text->empty() || result.ec != std::errc{} || result.ptr != text->data() + text->size())
    throw UsageError(std::string(key) + "=" + *text + ": not an integer");
  return value;
}

std::int64_t KeyValues::integer(std::string_view key, std::int64_t otherwise) const {
  return contains(key) ? integer(key) : otherwise;
}

}  // namespace overtake
