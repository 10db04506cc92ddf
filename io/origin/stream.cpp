// SPDX-License-Identifier: Apache-2.0
#include "io/origin/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace overtake::origin {
namespace {

Stream::Done of_system(ssize_t count) {
  if (count > 0) return {Stream::Result::some, static_cast<std::size_t>(count)};
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return {Stream::Result::would_block};
  return {Stream::Result::ended};
}

// A handshake that wants to write in the middle of a read is tried again when the peer's next bytes come.
Stream::Done of_tls(ssl_st* tls, int count) {
  if (count > 0) return {Stream::Result::some, static_cast<std::size_t>(count)};
  const int error = SSL_get_error(tls, count);
  ERR_clear_error();
  const bool again = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  return {again ? Stream::Result::would_block : Stream::Result::ended};
}

}  // namespace

void Stream::Free::operator()(ssl_st* tls) const { SSL_free(tls); }

Stream::Stream(FileDescriptor socket, ssl_ctx_st* tls) : socket_(std::move(socket)) {
  if (tls == nullptr) return;
  tls_.reset(SSL_new(tls));
  if (tls_ == nullptr) throw std::runtime_error("OpenSSL has no room for a connection");
  SSL_set_fd(tls_.get(), socket_.get());
  SSL_set_accept_state(tls_.get());
}

Stream::Done Stream::read(char* into, std::size_t size) {
  if (tls_ != nullptr) return of_tls(tls_.get(), SSL_read(tls_.get(), into, static_cast<int>(size)));
  return of_system(recv(socket_.get(), into, size, 0));
}

Stream::Done Stream::write(std::string_view bytes) {
  if (tls_ != nullptr) return of_tls(tls_.get(), SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())));
  return of_system(send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

void Stream::reset_on_close() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace overtake::origin
