// SPDX-License-Identifier: Apache-2.0
// Certificates made when the origin starts: a CA, and server certificates that are good, expired, or for another host.
#pragma once

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace overtake::origin {

enum class Certificate { good, expired, wrong_host };

/// A fresh CA. Throws std::runtime_error where OpenSSL refuses.
class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  /// Its certificate in PEM, for clients to trust.
  std::string pem() const;
  /// A server's side of TLS for 127.0.0.1 and localhost, with a certificate signed by this CA.
  std::shared_ptr<ssl_ctx_st> context(Certificate kind) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace overtake::origin
