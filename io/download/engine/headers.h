// SPDX-License-Identifier: Apache-2.0
// Values of response headers that decide what is done next. A value that does not follow its grammar is none.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace overtake::download {

/// Retry-After (RFC 9110, 10.2.3): seconds, or a date, which is held against `now`; a date in the past is 0 seconds.
std::optional<double> parse_retry_after(std::string_view value, std::time_t now);

/// Content-Range (RFC 9110, 14.4): "bytes 5-9/10", "bytes 5-9/*" or, for status 416, "bytes */10".
struct ContentRange {
  std::int64_t first = -1, last = -1;  // negative: unsatisfied
  std::int64_t size = -1;              // of the whole; negative: not said
};
std::optional<ContentRange> parse_content_range(std::string_view value);

/// The entity tag where it is a strong one, quotes included; only such a one may be sent in If-Range. Empty: none.
std::string strong_etag(std::string_view value);

/// Without spaces, tabs and line ends at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace overtake::download
