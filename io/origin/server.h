// SPDX-License-Identifier: Apache-2.0
// The origin: one thread, one epoll loop, thousands of connections. It is a server of its own and not Boost.Beast,
// because what it must do is what a good library prevents: half a head, a wrong length, RST in the middle of a chunk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace overtake::origin {

struct ServerOptions {
  std::string address = "127.0.0.1";
  int port = 0;                   // 0: one that is free
  std::filesystem::path tls_dir;  // not empty: HTTPS too, with ca.pem written here
  std::filesystem::path log;      // not empty: a JSON line a request, written when its head has been read
};

class Server {
 public:
  /// Listens. Throws UsageError where the address or the port cannot be used.
  explicit Server(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Where it listens, as one line of JSON: {"http":"http://127.0.0.1:PORT"}, with https, https_expired,
  /// https_wrong_host and ca where TLS was asked for.
  std::string addresses() const;
  int port() const;
  /// Serves until one of these is readable or at its end; negative: not looked at.
  void run(int stop_fd, int other_stop_fd = -1);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace overtake::origin
