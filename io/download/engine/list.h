// SPDX-License-Identifier: Apache-2.0
// The list of downloads: a URL a line, then optionally sha256=HEX and name=NAME. It is read as it is needed, so that
// memory does not grow with it but for the table of names.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>

#include "io/download/engine/names.h"

namespace overtake::download {

struct Entry {
  std::int64_t line = 0;  // 1-based
  std::string url, name, sha256;
  std::string error;       // not empty: why this line cannot be used, and the rest is not to be relied on
  bool duplicate = false;  // the same URL under the same name stands on an earlier line
};

class ListReader {
 public:
  static constexpr std::size_t kMostLine = 65536;

  /// What the entries are for: `urls` get no name, and are duplicates by their URL alone.
  enum class For { files, urls };
  /// `in` must outlive the reader.
  explicit ListReader(std::istream& in, For use = For::files) : in_(in), use_(use) {}
  /// The next line that is neither blank nor a comment (#); nullopt: the list has ended. A line that cannot be used
  /// comes as an entry with `error`; the lines after it are read all the same.
  std::optional<Entry> next();

 private:
  bool read_line(std::string& line);
  Entry parse(std::string_view line);

  void name(Entry& entry, std::string_view wanted);

  std::istream& in_;
  For use_;
  NameTable names_;
  std::int64_t line_ = 0;
  bool too_long_ = false;
};

}  // namespace overtake::download
