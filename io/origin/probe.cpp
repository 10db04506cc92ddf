// SPDX-License-Identifier: Apache-2.0
// What an origin can do at most: a client that does as little as it can.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <limits>
#include <stdexcept>

#include "core/error.h"
#include "core/file_descriptor.h"
#include "io/origin/child.h"

namespace overtake::origin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kConnections = 8;
constexpr std::size_t kAhead = 2;             // requests of a connection that are not answered yet: it is never idle
constexpr std::int64_t kBytes = 1 << 28;      // a pass takes about so many
constexpr std::int64_t kDiscarded = 1 << 16;  // so much and more of a body is thrown away by the kernel, uncopied
constexpr int kPasses = 3;
constexpr double kEnoughSeconds = 0.1;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("measuring the origin: " + what); }

// "http://127.0.0.1:8080/f/…" in two.
struct Place {
  explicit Place(std::string_view url) {
    constexpr std::string_view kScheme = "http://";
    const std::size_t slash = url.find('/', kScheme.size());
    host = url.substr(kScheme.size(), slash - kScheme.size());
    target = url.substr(slash);
  }
  std::string_view host, target;
};

FileDescriptor connect_to(std::string_view host) {
  const std::size_t colon = host.find(':');
  int port = 0;
  std::from_chars(host.data() + colon + 1, host.data() + host.size(), port);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  inet_pton(AF_INET, std::string(host.substr(0, colon)).c_str(), &address.sin_addr);
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw_errno("connecting to the origin");
  const int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

class Pass {
 public:
  Pass(const std::vector<std::string_view>& urls, std::size_t count, std::int64_t bytes)
      : urls_(urls), count_(count), bytes_(bytes) {
    for (std::size_t i = 0; i < std::min(kConnections, count); ++i)
      connections_.push_back({.socket = connect_to(Place(urls.front()).host), .head = {}});
  }

  double seconds() {
    const auto start = Clock::now();
    std::vector<pollfd> entries;
    for (Connection& connection : connections_) {
      for (std::size_t i = 0; i < kAhead; ++i) ask(connection);
      entries.push_back({.fd = connection.socket.get(), .events = POLLIN, .revents = 0});
    }
    while (answered_ < count_) {
      constexpr int kPatience = 30000;  // milliseconds
      if (poll(entries.data(), entries.size(), kPatience) <= 0) fail("no answer in 30 s");
      for (std::size_t i = 0; i < entries.size(); ++i)
        if (entries[i].revents != 0) take(connections_[i]);
    }
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

 private:
  struct Connection {
    FileDescriptor socket;
    std::string head;  // as far as it has come
    std::int64_t body_left = 0;
  };

  void ask(Connection& connection) {
    if (asked_ == count_) return;
    const Place place(urls_[asked_++]);
    const std::string text = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", place.target, place.host);
    if (send(connection.socket.get(), text.data(), text.size(), MSG_NOSIGNAL) != std::ssize(text)) fail("send");
  }

  void take(Connection& connection) {
    const bool discards = connection.body_left >= kDiscarded;
    const std::size_t most = discards ? static_cast<std::size_t>(connection.body_left) : buffer_.size();
    const ssize_t count =
        recv(connection.socket.get(), buffer_.data(), most, discards ? MSG_TRUNC | MSG_DONTWAIT : MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) fail("it closed a connection");
    if (discards)
      body_came(connection, count);
    else
      came(connection, {buffer_.data(), static_cast<std::size_t>(count)});
  }

  void came(Connection& connection, std::string_view data) {
    while (!data.empty()) {
      if (connection.body_left > 0) {
        const auto part = std::min<std::int64_t>(connection.body_left, std::ssize(data));
        data.remove_prefix(static_cast<std::size_t>(part));
        body_came(connection, part);
        continue;
      }
      const std::size_t before = connection.head.size();
      connection.head += data;
      const std::size_t end = connection.head.find("\r\n\r\n");
      if (end == std::string::npos) return;
      if (!connection.head.starts_with("HTTP/1.1 200 ")) fail("it answered " + connection.head.substr(0, 20));
      data.remove_prefix(end + 4 - before);
      connection.head.clear();
      connection.body_left = bytes_;
    }
  }

  void body_came(Connection& connection, std::int64_t bytes) {
    connection.body_left -= bytes;
    if (connection.body_left > 0) return;
    ++answered_;
    ask(connection);
  }

  const std::vector<std::string_view>& urls_;
  std::size_t count_, asked_ = 0, answered_ = 0;
  std::int64_t bytes_;
  std::vector<Connection> connections_;
  std::vector<char> buffer_ = std::vector<char>(1 << 18);
};

}  // namespace

double least_seconds(const std::vector<std::string_view>& urls, std::int64_t bytes) {
  const std::size_t count = static_cast<std::size_t>(std::clamp<std::int64_t>(kBytes / bytes, 1, std::ssize(urls)));
  double least = std::numeric_limits<double>::infinity(), spent = 0;
  for (int i = 0; i < kPasses && spent < kEnoughSeconds; ++i) {
    const double seconds = Pass(urls, count, bytes).seconds();
    least = std::min(least, seconds);
    spent += seconds;
  }
  return least * static_cast<double>(urls.size()) / static_cast<double>(count);
}

}  // namespace overtake::origin
