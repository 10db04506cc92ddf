// SPDX-License-Identifier: Apache-2.0
// Messages of any size to another process and its answer: through a pipe, a socket or memory that both see. For lab
// `overhead`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "lab/engine/session.h"

namespace overtake::lab {

enum class Way : std::uint32_t {
  pipe,
  socket,
  shared_memory,  // the data lie where the other process sees them; a pipe says that they are there
  copy,           // no other process: copied within this one, for comparison
};

std::string_view to_string(Way);

/// This process and a child that adds up what it is sent. One thread at a time may use it.
class Messenger {
 public:
  /// Messages of at most `most_bytes` (a multiple of 8). Takes up to four times as much memory. Throws
  /// std::runtime_error where the child cannot be started.
  explicit Messenger(std::size_t most_bytes);
  ~Messenger();
  Messenger(const Messenger&) = delete;
  Messenger& operator=(const Messenger&) = delete;

  /// A message of `bytes` (a multiple of 8) and the answer, the sum of its words; `times` one after the other. The time
  /// is that of all, the error the number of wrong answers. Throws std::runtime_error where the child is gone.
  Timed exchange(Way way, std::size_t bytes, std::int64_t times);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace overtake::lab
