// SPDX-License-Identifier: Apache-2.0
// A file descriptor that closes itself: sockets, pidfds and memfds of the worker pool.
#pragma once

#include <unistd.h>

#include <utility>

namespace overtake {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  /// Owns `fd` from now on; negative: none.
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  /// The caller owns it from now on.
  int release() { return std::exchange(fd_, -1); }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

}  // namespace overtake
