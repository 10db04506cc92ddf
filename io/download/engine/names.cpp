// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/random.h"

namespace overtake::download {
namespace {

constexpr std::size_t kMostBytes = 200;  // of 255, so that endings fit

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The bytes of the UTF-8 sequence that `text` begins with; 0: none (RFC 3629: no overlong forms, no surrogates).
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty()) return 0;
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xc2 && first < 0xe0   ? 2
                             : first >= 0xe0 && first < 0xf0 ? 3
                             : first >= 0xf0 && first < 0xf5 ? 4
                                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) >= 0xa0) || (first == 0xf0 && byte(1) < 0x90) ||
      (first == 0xf4 && byte(1) >= 0x90))
    return 0;
  return length;
}

// C1 controls (U+0080 to U+009F) move cursors in some terminals; bidirectional marks make names lie.
bool is_treacherous(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 2) return byte(0) == 0xc2 && byte(1) < 0xa0;
  if (character.size() != 3 || byte(0) != 0xe2) return false;
  return (byte(1) == 0x80 && (byte(2) == 0x8e || byte(2) == 0x8f || (byte(2) >= 0xa8 && byte(2) <= 0xae))) ||
         (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9);
}

std::string_view ending(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 || name.size() - dot > 16 ? std::string_view() : name.substr(dot);
}

std::string with_mark(std::string_view name, std::string_view mark, std::size_t most) {
  const std::string_view tail = ending(name);
  std::size_t keep = std::min(name.size() - tail.size(), most - mark.size() - tail.size());
  while (keep > 0 && keep < name.size() && (static_cast<unsigned char>(name[keep]) & 0xc0) == 0x80) --keep;
  return std::string(name.substr(0, keep)) + std::string(mark) + std::string(tail);
}

}  // namespace

std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix64(hash);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string safe_name(std::string_view text) {
  std::string out;
  for (std::string_view left = text; !left.empty();) {
    const std::size_t length = sequence(left);
    const auto first = static_cast<unsigned char>(left[0]);
    if (length == 0)
      out += fmt::format("%{:02X}", first);
    else if (first < 32 || first == 127 || first == '/' || first == '\\' || is_treacherous(left.substr(0, length)))
      out += '_';
    else
      out += left.substr(0, length);
    left.remove_prefix(std::max<std::size_t>(length, 1));
  }
  if (out.empty()) return "index";
  if (out[0] == '.') out[0] = '_';
  for (const std::string_view ours : {".part", ".bad", ".etag"})
    if (out.ends_with(ours)) out += '_';
  if (out.size() > kMostBytes) out = with_mark(out, fmt::format("-{:016x}", hash_text(text)), kMostBytes);
  return out;
}

std::string name_of_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  std::string_view path = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  path = path.substr(0, path.find_first_of("?#"));
  const std::size_t root = path.find('/');
  if (root == std::string_view::npos) return "index";
  path = path.substr(path.rfind('/') + 1);
  std::string decoded;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%' && i + 2 < path.size() && digit(path[i + 1]) >= 0 && digit(path[i + 2]) >= 0) {
      decoded += static_cast<char>(digit(path[i + 1]) * 16 + digit(path[i + 2]));
      i += 2;
    } else {
      decoded += path[i];
    }
  }
  return safe_name(decoded);
}

std::string distinct_name(std::string_view name, std::string_view url) {
  return with_mark(name, fmt::format("-{:08x}", hash_text(url) >> 32), kMostBytes + 9);
}

// An entry holds 40 bits of the name's hash and 24 of the URL's, and lies where the name's bits say: a false answer
// needs two names that agree in all of these, and then only adds a mark to a name that needed none. Of a table of URLs
// it is the URL's hash, and two URLs of a hundred million are taken for one with a probability of 0.0005.
NameTable::Seen NameTable::enter(std::string_view name, std::string_view url) {
  return enter((hash_text(name) << 24) | (hash_text(url) & 0xffffff));
}

bool NameTable::enter_url(std::string_view url) { return enter(hash_text(url)) != Seen::same_url; }

NameTable::NameTable() {
  constexpr std::size_t kFirst = 512;  // a page
  for (Shard& shard : shards_) shard.slots = LargeArray<std::uint64_t>(kFirst);
}

NameTable::Seen NameTable::enter(std::uint64_t entry) {
  Shard& shard = shards_[entry >> 60];
  if (shard.used + 1 > shard.slots.size() / 8 * 7) grow(shard);
  const Seen seen = place(shard, entry | 1);  // 0 is an empty slot
  if (seen != Seen::same_url) ++shard.used;
  return seen;
}

// Linear probing from where the 36 bits after the shard's four say, as a fraction of the slots.
NameTable::Seen NameTable::place(Shard& shard, std::uint64_t entry) {
  constexpr std::uint64_t kBits = 36;
  LargeArray<std::uint64_t>& slots = shard.slots;
  const std::uint64_t fraction = (entry >> 24) & ((std::uint64_t{1} << kBits) - 1);
  bool taken = false;
  std::size_t i = static_cast<std::size_t>((fraction * slots.size()) >> kBits);
  for (; slots[i] != 0; i = i + 1 == slots.size() ? 0 : i + 1) {
    if (slots[i] == entry) return Seen::same_url;
    taken = taken || slots[i] >> 24 == entry >> 24;
  }
  slots[i] = entry;
  return taken ? Seen::name_taken : Seen::fresh;
}

void NameTable::grow(Shard& shard) {
  const LargeArray<std::uint64_t> old =
      std::exchange(shard.slots, LargeArray<std::uint64_t>(shard.slots.size() / 4 * 5));
  for (const std::uint64_t entry : old)
    if (entry != 0) place(shard, entry);
}

}  // namespace overtake::download
