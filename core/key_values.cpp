// SPDX-License-Identifier: Apache-2.0
#include "core/key_values.h"

#include <algorithm>
#include <charconv>

#include "core/error.h"

namespace overtake {
namespace {

char storable(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == ';' || byte == '=' || byte < 0x20 ? '_' : c;
}

void store(std::string_view text, std::string& into) {
  into = text;
  std::transform(into.begin(), into.end(), into.begin(), storable);
}

bool is_stored_as(std::string_view text, std::string_view stored) {
  return std::equal(text.begin(), text.end(), stored.begin(), stored.end(),
                    [](char a, char b) { return storable(a) == b; });
}

}  // namespace

KeyValues::KeyValues(std::initializer_list<std::pair<std::string, std::string>> entries) {
  for (const auto& [key, value] : entries) set(key, value);
}

KeyValues KeyValues::parse(std::string_view text) {
  KeyValues out;
  out.assign(text);
  return out;
}

void KeyValues::assign(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view entry = text.substr(0, end);
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0)
      throw UsageError("'" + std::string(entry) + "' is not of the form key=value");
    if (count == entries_.size()) entries_.emplace_back();
    auto& [key, value] = entries_[count];
    store(entry.substr(0, equals), key);
    store(entry.substr(equals + 1), value);
    for (std::size_t i = 0; i < count; ++i)
      if (entries_[i].first == key) throw UsageError("key '" + key + "' is given twice");
    ++count;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  entries_.resize(count);
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
  auto entry =
      std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) { return is_stored_as(key, e.first); });
  if (entry == entries_.end()) {
    entry = entries_.emplace(entries_.end());
    store(key, entry->first);
  }
  store(value, entry->second);
}

void KeyValues::set(std::string_view key, std::int64_t value) { set(key, std::string_view(std::to_string(value))); }

void KeyValues::set(std::string_view key, double value) {
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  set(key, std::string_view(text, static_cast<std::size_t>(result.ptr - text)));
}

bool KeyValues::contains(std::string_view key) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& entry) { return entry.first == key; });
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
