// SPDX-License-Identifier: Apache-2.0
#include "core/pool/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "core/error.h"

namespace overtake {
namespace {

struct Header {
  std::uint64_t bytes;
  std::uint32_t type, descriptors;
};

using Control = std::array<char, CMSG_SPACE(sizeof(int) * Channel::kMaxDescriptors)>;

[[noreturn]] void throw_gone(const char* doing) {
  const int code = errno;
  const char* reason = code == EAGAIN || code == EWOULDBLOCK ? "it does not move on" : std::strerror(code);
  throw PeerGone(std::string(doing) + " another process: " + reason);
}

void attach_descriptors(msghdr& message, Control& control, std::span<const int> descriptors) {
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(descriptors.size_bytes());
  std::memcpy(CMSG_DATA(head), descriptors.data(), descriptors.size_bytes());
}

void take_descriptors(msghdr& message, std::vector<FileDescriptor>& out) {
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr; head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(head) + i * sizeof(int), sizeof(int));
      out.emplace_back(fd);
    }
  }
}

}  // namespace

Channel::Channel(FileDescriptor socket, double stall_seconds) : socket_(std::move(socket)) {
  timeval limit{};
  limit.tv_sec = static_cast<time_t>(stall_seconds);
  limit.tv_usec = static_cast<suseconds_t>((stall_seconds - std::floor(stall_seconds)) * 1e6);
  for (const int option : {SO_SNDTIMEO, SO_RCVTIMEO})
    if (setsockopt(socket_.get(), SOL_SOCKET, option, &limit, sizeof limit) != 0)
      throw_errno("setting the time limit of a socket");
}

void Channel::send(std::uint32_t type, std::span<const std::byte> bytes, std::span<const int> descriptors) {
  if (descriptors.size() > kMaxDescriptors) throw std::logic_error("too many file descriptors in one message");
  Header header{bytes.size(), type, static_cast<std::uint32_t>(descriptors.size())};
  std::array<iovec, 2> parts{{{&header, sizeof header}, {const_cast<std::byte*>(bytes.data()), bytes.size()}}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  alignas(cmsghdr) Control control{};
  if (!descriptors.empty()) attach_descriptors(message, control, descriptors);
  while (message.msg_iovlen > 0) {
    const ssize_t sent = sendmsg(fd(), &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) throw_gone("writing to");
    message.msg_control = nullptr;  // the descriptors went with the first bytes
    message.msg_controllen = 0;
    auto left = static_cast<std::size_t>(sent);
    while (message.msg_iovlen > 0 && left >= message.msg_iov->iov_len) {
      left -= message.msg_iov->iov_len;
      ++message.msg_iov;
      --message.msg_iovlen;
    }
    if (message.msg_iovlen > 0) {
      message.msg_iov->iov_base = static_cast<std::byte*>(message.msg_iov->iov_base) + left;
      message.msg_iov->iov_len -= left;
    }
  }
}

std::optional<Message> Channel::receive() {
  Header header{};
  iovec part{&header, sizeof header};
  alignas(cmsghdr) Control control{};
  msghdr raw{};
  ssize_t got = 0;
  do {  // a time limit counts from a message's first byte on, so an expired one means to go on waiting
    raw = {};
    raw.msg_iov = &part;
    raw.msg_iovlen = 1;
    raw.msg_control = control.data();
    raw.msg_controllen = control.size();
    got = recvmsg(fd(), &raw, MSG_CMSG_CLOEXEC);
  } while (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK));
  if (got == 0 || (got < 0 && errno == ECONNRESET)) return std::nullopt;
  if (got < 0) throw_gone("reading from");
  Message message;
  take_descriptors(raw, message.descriptors);
  const auto begun = static_cast<std::size_t>(got);
  if (!receive_all(reinterpret_cast<std::byte*>(&header) + begun, sizeof header - begun) ||
      (raw.msg_flags & MSG_CTRUNC) != 0 || message.descriptors.size() != header.descriptors)
    throw PeerGone("another process broke off in the middle of a message");
  message.type = header.type;
  message.bytes.resize(header.bytes);
  if (!receive_all(message.bytes.data(), message.bytes.size()))
    throw PeerGone("another process broke off in the middle of a message");
  return message;
}

bool Channel::receive_all(std::byte* to, std::size_t count) {
  while (count > 0) {
    const ssize_t got = recv(fd(), to, count, MSG_WAITALL);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno != ECONNRESET) throw_gone("reading from");
    if (got <= 0) return false;
    to += got;
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

bool Channel::readable(double seconds) const {
  pollfd entry{.fd = fd(), .events = POLLIN, .revents = 0};
  const double milliseconds = std::ceil(seconds * 1e3);
  const int limit = seconds < 0 ? -1 : static_cast<int>(std::min(milliseconds, 1e9));
  return poll(&entry, 1, limit) > 0;
}

SocketPair make_socket_pair() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw_errno("making a socket pair for a child process");
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

}  // namespace overtake
