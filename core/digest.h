// SPDX-License-Identifier: Apache-2.0
// SHA-256 of bytes as they come: downloads verify themselves with it, and the workload download what they left.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

struct evp_md_ctx_st;

namespace overtake {

class Digest {
 public:
  Digest();
  void add(const char* bytes, std::size_t size);
  /// Lower-case hexadecimal. Begins anew afterwards.
  std::string finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st*) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// Feeds all bytes of an open file, whatever its offset; returns 0 or errno.
int add_file(int fd, Digest& digest);

}  // namespace overtake
