// SPDX-License-Identifier: Apache-2.0
#include "core/digest.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <string_view>

namespace overtake {

void Digest::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Digest::Digest() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr) throw std::bad_alloc();
  if (EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw std::runtime_error("OpenSSL has no SHA-256");
}

// What SHA-256 fails for, once it is there, is memory.
void Digest::add(const char* bytes, std::size_t size) {
  if (EVP_DigestUpdate(context_.get(), bytes, size) != 1) throw std::bad_alloc();
}

std::string Digest::finish() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, 32> bytes;
  if (EVP_DigestFinal_ex(context_.get(), bytes.data(), nullptr) != 1 ||
      EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc();
  std::string out;
  for (const unsigned char byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

int add_file(int fd, Digest& digest) {
  std::array<char, 65536> buffer;
  for (off_t at = 0;;) {
    const ssize_t count = pread(fd, buffer.data(), buffer.size(), at);
    if (count < 0) return errno;
    if (count == 0) return 0;
    digest.add(buffer.data(), static_cast<std::size_t>(count));
    at += count;
  }
}

}  // namespace overtake
