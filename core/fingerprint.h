// SPDX-License-Identifier: Apache-2.0
// A short name for a longer text, equal on every machine. For the names of systems; nothing in it is secret.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace overtake {

/// 32-bit FNV-1a (Fowler, Noll, Vo) as eight hexadecimal digits.
inline std::string fingerprint(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  std::string digits;
  for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789abcdef"[hash >> shift & 15];
  return digits;
}

}  // namespace overtake
