// SPDX-License-Identifier: Apache-2.0
// An ordered list of key=value, the text form of a shape, of parameters and of metrics: "m=4;n=5;k=6".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overtake {

class KeyValues {
 public:
  KeyValues() = default;
  KeyValues(std::initializer_list<std::pair<std::string, std::string>> entries);

  /// Reads "k=v;k=v" (empty text: no entries). Throws UsageError, naming the text, on a missing '=' or a repeated key.
  static KeyValues parse(std::string_view text);
  /// The same into an object whose memory is used again; after an exception its content is not specified.
  void assign(std::string_view text);
  /// "k=v;k=v". Characters that would break it (';' '=' and control characters) in a value are stored as '_'.
  std::string to_string() const;

  /// Sets or replaces; keeps the place of a key that is there already.
  void set(std::string_view key, std::string_view value);
  void set(std::string_view key, std::int64_t value);
  void set(std::string_view key, double value);  // shortest text that reads back as the same double

  std::optional<std::string> find(std::string_view key) const;
  /// The value as an integer; throws UsageError naming key and value where it is absent or none.
  std::int64_t integer(std::string_view key) const;
  /// As above, with a default for an absent key.
  std::int64_t integer(std::string_view key, std::int64_t otherwise) const;
  bool contains(std::string_view key) const;
  bool empty() const { return entries_.empty(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  friend bool operator==(const KeyValues&, const KeyValues&) = default;

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

}  // namespace overtake
