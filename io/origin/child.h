// SPDX-License-Identifier: Apache-2.0
// The origin that a benchmark starts: this program once more, as a process of its own on 127.0.0.1 and a free port,
// and what it can do at most.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace overtake::origin {

/// list_text() of the origin of this program, which is started where it does not run. It serves until this process
/// ends, and its CPU time is not counted as this program's. Throws std::runtime_error.
std::string served_list(std::int64_t files, const std::string& size, const std::string& query);

/// Seconds in which the server of these URLs (http://ADDRESS:PORT/…, files of `bytes` each, plain answers) sends all of
/// them to a client that looks at nothing but heads and throws the rest away: no real client can be faster. The
/// shortest of a few passes over as many of them as it takes; the rest is extrapolated.
double least_seconds(const std::vector<std::string_view>& urls, std::int64_t bytes);

}  // namespace overtake::origin
