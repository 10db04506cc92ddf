// SPDX-License-Identifier: Apache-2.0
// The file that a URL is stored in: a name that cannot leave the folder, hide, or break a terminal, and that no two
// URLs of a list share.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/memory/large_array.h"

namespace overtake::download {

/// What stands in `text` as a name of 1 to 200 bytes of UTF-8 inside the folder: separators, control characters and a
/// leading dot become '_', bytes that are not UTF-8 become %XX, and a long name keeps its ending and gets a hash.
/// Endings that the downloader itself uses (.part, .bad, .part.etag) get a '_'.
std::string safe_name(std::string_view text);

/// The last part of the URL's path, decoded and made safe; "index" where there is none.
std::string name_of_url(std::string_view url);

bool is_utf8(std::string_view text);

/// Whether a name, or a URL under this name, was given out before. 9 to 12 bytes a name, also while it grows.
class NameTable {
 public:
  NameTable();
  enum class Seen { fresh, name_taken, same_url };
  /// Enters the name and the URL, unless the pair is known.
  Seen enter(std::string_view name, std::string_view url);
  /// Enters the URL; whether it is new. A table holds names or URLs, not both.
  bool enter_url(std::string_view url);

 private:
  struct Shard {
    LargeArray<std::uint64_t> slots;
    std::size_t used = 0;
  };
  Seen enter(std::uint64_t entry);
  static Seen place(Shard& shard, std::uint64_t entry);
  static void grow(Shard& shard);
  // Each grows by itself, so that hardly more than its own slots are there twice.
  std::array<Shard, 16> shards_;
};

/// `name` with eight hexadecimal digits of the URL before its ending.
std::string distinct_name(std::string_view name, std::string_view url);

/// FNV-1a, finished by mix64: the same on every machine and in every run.
std::uint64_t hash_text(std::string_view text);

}  // namespace overtake::download
