// SPDX-License-Identifier: Apache-2.0
// How figures, shapes and names read in tables: good units, three significant digits, and nothing from a file that
// could steer a terminal. For summaries and comparisons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/key_values.h"

namespace overtake::compare {

/// Three significant digits, never in exponent form for 0.001 <= |value| < 1e6: "0.0123", "1.20", "15400".
std::string three_digits(double value);
/// "12.3 ns", "4.56 us", "789 ms", "1.20 s"; long times stay in seconds.
std::string duration_text(double seconds);
/// "12 %", "1.3 %", "0.2 %".
std::string percent_text(double fraction);
/// "1.07", "0.0047", "12.3".
std::string ratio_text(double ratio);

/// Work per second: rows/s where the shape has `rows`; files/s where it has `files`, or MB/s where each file has a
/// megabyte or more; else GFLOP/s where there are flops, else GB/s where there are bytes, else "".
std::string rate_text(const KeyValues& shape, std::optional<double> flops, std::optional<double> bytes, double seconds);

/// "m=n=k=1024" where all values are equal, else "m=4096 n=64 k=4096".
std::string shape_text(const KeyValues& shape);
/// "1 worker", "2 workers".
std::string count_text(std::size_t count, std::string_view singular);
/// "a", "a and b", "a, b and c".
std::string list_text(const std::vector<std::string>& items, std::string_view last_word = "and");

/// Control characters and broken UTF-8 replaced by '?', cut to `most` characters with '…'.
std::string printable(std::string_view text, std::size_t most = 200);
/// Characters of UTF-8 text: columns on a terminal for the scripts used here.
std::size_t display_width(std::string_view text);

}  // namespace overtake::compare
