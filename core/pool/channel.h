// SPDX-License-Identifier: Apache-2.0
// Messages with file descriptors over one end of a socket pair: how a parent process and its child talk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "core/file_descriptor.h"
#include "core/pool/bytes.h"

namespace overtake {

struct Message {
  std::uint32_t type = 0;
  Bytes bytes;
  std::vector<FileDescriptor> descriptors;
};

/// The other process is gone, or does not read what it is sent, or stopped in the middle of a message.
struct PeerGone : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Channel {
 public:
  static constexpr std::size_t kMaxDescriptors = 16;

  Channel() = default;
  /// `stall_seconds`: how long the peer may take to read, or to go on with a message that it began; 0: for ever.
  explicit Channel(FileDescriptor socket, double stall_seconds = 0);

  /// Sends one message, with duplicates of `descriptors`, and never raises SIGPIPE. Throws PeerGone.
  void send(std::uint32_t type, std::span<const std::byte> bytes, std::span<const int> descriptors = {});
  /// Waits for the next message; nullopt: the peer closed its end. Throws PeerGone in the middle of a message.
  std::optional<Message> receive();
  /// Whether receive() would return at once (a message or the end), after at most `seconds`; negative: for ever.
  bool readable(double seconds) const;

  int fd() const { return socket_.get(); }
  void close() { socket_.reset(); }

 private:
  bool receive_all(std::byte* to, std::size_t count);

  FileDescriptor socket_;
};

/// Two connected ends. Throws std::runtime_error where the system refuses.
struct SocketPair {
  FileDescriptor parent, child;
};
SocketPair make_socket_pair();

}  // namespace overtake
