// SPDX-License-Identifier: Apache-2.0
// Lists of what an origin serves, with the digests that follow from the URLs alone: for `do origin --list` and for
// benchmarks.
#pragma once

#include <cstdint>
#include <string>

namespace overtake::origin {

/// A line a file: BASE/f/SIZE/000000.bin?QUERY sha256=HEX. The digests are computed here, on all cores. Throws
/// UsageError where size or query cannot be read.
std::string list_text(const std::string& base, std::int64_t files, const std::string& size, const std::string& query);

}  // namespace overtake::origin
