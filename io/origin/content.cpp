// SPDX-License-Identifier: Apache-2.0
#include "io/origin/content.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "core/random.h"

namespace overtake::origin {
namespace {

// Prime, so that a splice at a round offset does not happen to fit; small enough to stay in a core's L2.
constexpr std::int64_t kPeriod = 262139;

const std::vector<char>& block() {
  static const std::vector<char> kBlock = [] {
    std::vector<char> out(kPeriod);
    const RandomStream random(Seed{0x6f7269676eULL}, 0);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(random.bits(i));
    return out;
  }();
  return kBlock;
}

}  // namespace

std::string_view Content::bytes(std::int64_t offset, std::int64_t most) const {
  const std::int64_t left = std::min(most, size_ - offset);
  if (left <= 0) return {};
  if (offset < kHeader) {
    const std::uint64_t words[2] = {mix64(key_), mix64(key_ + static_cast<std::uint64_t>(size_) + 1)};
    std::memcpy(header_.data(), words, sizeof words);
    return {header_.data() + offset, static_cast<std::size_t>(std::min(left, kHeader - offset))};
  }
  const std::int64_t at = (offset + static_cast<std::int64_t>(key_ % kPeriod)) % kPeriod;
  return {block().data() + at, static_cast<std::size_t>(std::min(left, kPeriod - at))};
}

Sha256 Content::digest() const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (context == nullptr || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
  for (std::int64_t offset = 0; offset < size_;) {
    const std::string_view part = bytes(offset, size_);
    EVP_DigestUpdate(context.get(), part.data(), part.size());
    offset += static_cast<std::int64_t>(part.size());
  }
  Sha256 out{};
  EVP_DigestFinal_ex(context.get(), out.data(), nullptr);
  return out;
}

std::uint64_t content_key(std::string_view path, std::uint64_t seed, std::int64_t version) {
  std::uint64_t key = mix64(seed + 0x9e3779b97f4a7c15ULL * static_cast<std::uint64_t>(version));
  for (const char c : path) key = mix64(key ^ static_cast<unsigned char>(c));
  return key;
}

std::string hex(const Sha256& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : digest) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace overtake::origin
