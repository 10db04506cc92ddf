// SPDX-License-Identifier: Apache-2.0
// How wide what is printed may be. Used by `overtake lab`.
#pragma once

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

namespace overtake::cli {

/// Of the terminal; text that goes elsewhere is as wide as a mail.
inline std::size_t terminal_columns() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
    return std::min<std::size_t>(size.ws_col, 120);
  return 80;
}

}  // namespace overtake::cli
