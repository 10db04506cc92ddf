// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/error.h"

namespace overtake::download {
namespace {

struct Range4 {
  std::uint32_t first;
  int bits;
};
constexpr std::uint32_t ip4(std::uint32_t a, std::uint32_t b, std::uint32_t c = 0) {
  return a << 24 | b << 16 | c << 8;
}
constexpr Range4 kPrivate4[] = {
    {ip4(0, 0), 8},     {ip4(10, 0), 8},         {ip4(100, 64), 10},     {ip4(127, 0), 8},       {ip4(169, 254), 16},
    {ip4(172, 16), 12}, {ip4(192, 0, 0), 24},    {ip4(192, 0, 2), 24},   {ip4(192, 88, 99), 24}, {ip4(192, 168), 16},
    {ip4(198, 18), 15}, {ip4(198, 51, 100), 24}, {ip4(203, 0, 113), 24}, {ip4(224, 0), 4},       {ip4(240, 0), 4}};

bool is_private4(std::uint32_t address) {
  return std::ranges::any_of(kPrivate4,
                             [&](Range4 range) { return (address ^ range.first) >> (32 - range.bits) == 0; });
}

std::uint32_t ip4_at(const unsigned char* bytes) { return ip4(bytes[0], bytes[1], bytes[2]) | bytes[3]; }

bool begins(const unsigned char* bytes, std::initializer_list<int> with) {
  return std::equal(with.begin(), with.end(), bytes);
}

bool is_private6(const unsigned char* b) {
  static constexpr unsigned char kZeros[12] = {};
  if (std::memcmp(b, kZeros, 12) == 0) return true;  // ::, ::1, IPv4-compatible
  if (std::memcmp(b, kZeros, 10) == 0) return b[10] != 0xff || b[11] != 0xff || is_private4(ip4_at(b + 12));
  if (begins(b, {0, 0x64, 0xff, 0x9b})) return b[4] != 0 || b[5] != 0 || is_private4(ip4_at(b + 12));  // NAT64
  if (begins(b, {0x20, 0x02})) return is_private4(ip4_at(b + 2));                                      // 6to4
  if (begins(b, {0x20, 0x01}) && b[2] < 2) return true;  // 2001::/23: Teredo, benchmarking, ...
  if (begins(b, {0x20, 0x01, 0x0d, 0xb8})) return true;  // documentation
  return (b[0] & 0xe0) != 0x20;                          // only 2000::/3 is global
}

}  // namespace

bool is_private(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    return is_private4(ntohl(in.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return true;
  sockaddr_in6 in{};
  std::memcpy(&in, &address, sizeof in);
  return is_private6(in.sin6_addr.s6_addr);
}

AllowList::AllowList(const std::vector<std::string>& allowed) {
  for (const std::string& text : allowed) {
    // Where a port may begin: after the bracket, or after the only colon; npos: it has no place for one.
    const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
    std::size_t colon =
        text.starts_with('[') ? (bracket == std::string::npos ? bracket : bracket + 1) : text.rfind(':');
    if (!text.starts_with('[') && colon != text.find(':')) colon = std::string::npos;  // IPv6 without a port
    const std::string port = colon < text.size() ? text.substr(colon) : std::string();
    std::string host = text.substr(0, colon);
    if (bracket != 0 && bracket != std::string::npos) host = text.substr(1, bracket - 1);
    Entry entry{AF_INET, {}, 0};
    bool good = inet_pton(AF_INET, host.c_str(), entry.bytes) == 1;
    if (!good) {
      entry.family = AF_INET6;
      good = inet_pton(AF_INET6, host.c_str(), entry.bytes) == 1;
    }
    if (good && !port.empty()) {
      const auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), entry.port);
      good = port[0] == ':' && error == std::errc() && end == port.data() + port.size() && entry.port > 0 &&
             entry.port < 65536;
    }
    if (!good)
      throw UsageError(fmt::format(
          "--allow-private {}: an address, or an address and a port, such as 127.0.0.1:8080 or [::1]:80", text));
    entries_.push_back(entry);
  }
}

bool AllowList::permits(const sockaddr& address) const {
  if (!is_private(address)) return true;
  unsigned char bytes[16] = {};
  int port = 0;
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    std::memcpy(bytes, &in.sin_addr, 4);
    port = ntohs(in.sin_port);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    std::memcpy(bytes, &in.sin6_addr, 16);
    port = ntohs(in.sin6_port);
  }
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    return entry.family == address.sa_family && std::memcmp(entry.bytes, bytes, sizeof bytes) == 0 &&
           (entry.port == 0 || entry.port == port);
  });
}

std::string to_string(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = "?";
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    return fmt::format("{}:{}", text, ntohs(in.sin_port));
  }
  if (address.sa_family != AF_INET6) return "an address of another family";
  sockaddr_in6 in{};
  std::memcpy(&in, &address, sizeof in);
  inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
  return fmt::format("[{}]:{}", text, ntohs(in.sin6_port));
}

}  // namespace overtake::download
