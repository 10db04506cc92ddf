// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <thread>
#include <utility>

#include "core/error.h"

namespace overtake::bench {

namespace {

sigset_t interrupts() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

void block_interrupts() {
  const sigset_t signals = interrupts();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void end_on_interrupt(std::function<void()> last) {
  std::thread([last = std::move(last)] {
    const sigset_t signals = interrupts();
    int received = 0;
    sigwait(&signals, &received);
    try {
      last();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "while ending: %s\n", error.what());
    }
    // No destructors: other threads are still at work. Workers see their parent's end by themselves.
    _exit(static_cast<int>(Status::interrupted));
  }).detach();
}

}  // namespace overtake::bench
