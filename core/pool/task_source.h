// SPDX-License-Identifier: Apache-2.0
// Where a pool's tasks come from and where their results go, one by one.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "core/pool/bytes.h"
#include "core/pool/spawn.h"

namespace overtake {

/// How a pool lost a worker.
struct WorkerLoss {
  int worker;
  Ending ending;    // not known where the pool ended it
  std::string how;  // "worker 1 (pid 77) was killed by signal 9 (SIGKILL)"
};

/// Tasks that are made when a worker is free for them, and whose results are taken as they come. Pool::work_off() calls
/// it, from its own thread. What it throws is thrown there, and the workers that are busy then are ended.
class TaskSource {
 public:
  struct Next {
    std::size_t id;  // no other task in progress has it
    Bytes bytes;
  };
  virtual ~TaskSource() = default;
  /// The next task; none: none at present. Asked again when a worker has something to say.
  virtual std::optional<Next> next() = 0;
  virtual void done(std::size_t id, std::span<const std::byte> result) = 0;
  /// The task's function threw.
  virtual void failed(std::size_t id, int worker, const std::string& what) = 0;
  virtual void lost(std::size_t id, const WorkerLoss& loss) = 0;
  /// Whether the workers that are busy shall be ended, and their tasks with them.
  virtual bool halted() const { return false; }
  /// Can be read once halted() is true; -1: that is only so after one of these calls.
  virtual int wake_fd() const { return -1; }
};

}  // namespace overtake
