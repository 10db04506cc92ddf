// SPDX-License-Identifier: Apache-2.0
// A model of an interpreter: a loop over instructions, with or without one lock that only the thread that interprets
// may hold. As CPython's, the lock is given up every so many instructions and while a program waits. For lab `lock`.
#pragma once

#include <cstdint>
#include <mutex>

namespace overtake::lab {

class Interpreter {
 public:
  enum class Lock { global, none };
  explicit Interpreter(Lock lock) : lock_(lock) {}

  /// Interprets `instructions` of a program that computes, and returns what it computed. Any thread may call it.
  std::uint64_t compute(std::int64_t instructions);
  /// Interprets a program that waits, as for an answer from the network.
  void wait(double seconds);

  /// Instructions after which the lock is given up once.
  static constexpr std::int64_t kSwitchInterval = 20000;

 private:
  std::unique_lock<std::mutex> enter();

  const Lock lock_;
  std::mutex global_;
};

}  // namespace overtake::lab
