// SPDX-License-Identifier: Apache-2.0
// The files that the origin serves: bytes that follow from a key alone, so that a test or a benchmark knows the digest
// of what it should get without asking the origin.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace overtake::origin {

using Sha256 = std::array<unsigned char, 32>;

/// One file: `size` bytes determined by the key.
class Content {
 public:
  Content(std::uint64_t key, std::int64_t size) : key_(key), size_(size) {}

  std::int64_t size() const { return size_; }
  /// The longest run of bytes from `offset` on that lies together in memory, at most `most`; empty at the end. Valid
  /// for ever, but for the first kHeader bytes: those are valid until the next call.
  std::string_view bytes(std::int64_t offset, std::int64_t most) const;
  Sha256 digest() const;

  static constexpr std::int64_t kHeader = 16;

 private:
  std::uint64_t key_;
  std::int64_t size_;
  mutable std::array<char, kHeader> header_{};
};

/// The key of the file that a URL's path names, in its `version` (1 until the origin is told to change it).
std::uint64_t content_key(std::string_view path, std::uint64_t seed, std::int64_t version);

/// Lower-case hexadecimal.
std::string hex(const Sha256& digest);

}  // namespace overtake::origin
