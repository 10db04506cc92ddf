// SPDX-License-Identifier: Apache-2.0
// Ctrl-C in a benchmark program: rows measured so far become a valid file, and the process is gone within a second
// whatever it is in the middle of.
#pragma once

#include <functional>

namespace overtake::bench {

/// Blocks SIGINT and SIGTERM in this thread and all that it starts later. Call before anything starts threads, also
/// before libraries are opened: a single thread that does not block them would end the process.
void block_interrupts();

/// From now on a thread of its own waits for them, calls `last` once and ends the process with status 130.
void end_on_interrupt(std::function<void()> last);

}  // namespace overtake::bench
