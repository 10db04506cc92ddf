// SPDX-License-Identifier: Apache-2.0
// The time of day as results and folder names write it.
#pragma once

#include <string>

namespace overtake {

/// Now, as "2026-11-21T07:15:24Z".
std::string utc_now();
/// Now, as "20261121T071524Z": sorts by time and is a file name everywhere.
std::string utc_now_compact();

}  // namespace overtake
