// SPDX-License-Identifier: Apache-2.0
// Ctrl-C in a benchmark program: rows measured so far become a valid file, and the process is gone within a second
// whatever it is in the middle of.
#pragma once

#include <functional>

namespace overtake::bench {

/// Blocks SIGINT and SIGTERM in this thread and all that it starts later; a thread of its own waits for them, calls
/// `last` once and ends the process with status 130. Call before anything starts threads.
void end_on_interrupt(std::function<void()> last);

}  // namespace overtake::bench
