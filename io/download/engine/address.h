// SPDX-License-Identifier: Apache-2.0
// Which addresses may be connected to. A list from elsewhere must not reach what only this machine or its network can
// see, so every address is looked at after name lookup, when the socket for it is made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct sockaddr;

namespace overtake::download {

/// Not globally reachable (IANA's special-purpose registries, RFC 6890): loopback, link-local, private, shared,
/// multicast, reserved, and the IPv6 forms that carry such an IPv4 address. Unknown families count as private.
bool is_private(const sockaddr& address);

class AllowList {
 public:
  /// Each ADDR or ADDR:PORT, IPv6 with a port as [ADDR]:PORT. Throws UsageError.
  explicit AllowList(const std::vector<std::string>& allowed);
  /// Public, or named.
  bool permits(const sockaddr& address) const;

 private:
  struct Entry {
    int family;
    unsigned char bytes[16];
    int port;  // 0: any
  };
  std::vector<Entry> entries_;
};

/// "127.0.0.1:80", for messages.
std::string to_string(const sockaddr& address);

}  // namespace overtake::download
