// SPDX-License-Identifier: Apache-2.0
// An accepted, non-blocking connection, with or without TLS; the server's connections read and write through it.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "core/file_descriptor.h"

struct ssl_st;
struct ssl_ctx_st;

namespace overtake::origin {

class Stream {
 public:
  /// `tls`: null for plain HTTP.
  Stream(FileDescriptor socket, ssl_ctx_st* tls);

  enum class Result { some, would_block, ended };
  struct Done {
    Result result;
    std::size_t bytes = 0;
  };
  Done read(char* into, std::size_t size);
  Done write(std::string_view bytes);
  /// The peer gets RST instead of FIN when this is closed.
  void reset_on_close();
  int fd() const { return socket_.get(); }

 private:
  struct Free {
    void operator()(ssl_st*) const;
  };
  FileDescriptor socket_;
  std::unique_ptr<ssl_st, Free> tls_;
};

}  // namespace overtake::origin
