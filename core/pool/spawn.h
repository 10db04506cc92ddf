// SPDX-License-Identifier: Apache-2.0
// This program, started once more as a child process: workers of the pool, and measurements that need a fresh process.
// Never fork(): OpenMP hangs, CUDA is undefined and libcurl is unsafe in a forked child.
#pragma once

#include <sys/types.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "core/file_descriptor.h"
#include "core/pool/channel.h"

namespace overtake {

/// What a kind of child does: talks to its parent and returns the exit status.
using ChildMain = int (*)(Channel& parent);

/// Makes `kind` startable; at namespace scope: `static const bool kKnown = register_child_kind("worker", run_worker);`
bool register_child_kind(std::string_view kind, ChildMain run);

/// The first call of every main(). Returns at once in a process that a user started; in a child it does what its kind
/// does and never returns. A child ignores SIGINT, which a terminal sends to its parent as well, and ends as soon as
/// its parent is gone or closes the channel.
void worker_entry();

/// "worker", "cold_start", … in a child; empty otherwise.
std::string_view child_kind();

/// How a process ended.
struct Ending {
  bool known = false;  // false: something else in this program reaped it
  int signal = 0, status = 0;
  std::string describe() const;  // "was killed by signal 9 (SIGKILL)", "exited with status 3"
};

/// The child ended, or said nothing in time, before it was ready.
struct ChildFailed : std::runtime_error {
  ChildFailed(const std::string& what, Ending how) : std::runtime_error(what), ending(how) {}
  Ending ending;  // not known where it was ended from here
};

/// A running child. The destructor ends it. Signals: SIGINT ignored, all others as a fresh process has them.
class Child {
 public:
  static constexpr double kReadySeconds = 10;

  /// Starts `kind` and returns at once; what is sent now is read when the child is ready. Throws std::runtime_error
  /// where the system refuses, and in a child whose main() did not call worker_entry(): never a spawn bomb.
  /// `counted`: its CPU time is that of this program's work (live_children_cpu_seconds()); not so for a server that
  /// the work is measured against.
  static Child start(std::string_view kind, bool counted = true);
  /// Waits until the child answers. Throws ChildFailed.
  void await_ready(double seconds = kReadySeconds);

  Child(Child&& other) noexcept : Child() { *this = std::move(other); }
  Child& operator=(Child&&) noexcept;
  ~Child() { end(); }

  Channel& channel() { return channel_; }
  pid_t pid() const { return pid_; }
  /// Becomes readable when the child ends.
  int pidfd() const { return pidfd_.get(); }
  bool has_ended() const;
  /// CPU time of the child's threads so far; 0 once it was ended.
  double cpu_seconds() const;

  /// Closes the channel, so that the child goes; kills it where it is still there after `grace` seconds; reaps it.
  Ending end(double grace = 1);

 private:
  Child() = default;

  Channel channel_;
  FileDescriptor pidfd_;
  pid_t pid_ = -1;
  std::string nonce_;
};

/// CPU time of all counted children that are not reaped yet. With getrusage's RUSAGE_SELF and RUSAGE_CHILDREN the CPU
/// time of everything that this process caused.
double live_children_cpu_seconds();

}  // namespace overtake
