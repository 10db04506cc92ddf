// SPDX-License-Identifier: Apache-2.0
// What a URL asks the origin to do: /f/SIZE/NAME?option=value&... . One table holds the options, their meaning and how
// they are read; `overtake do origin --help` prints it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace overtake::origin {

enum class Fault { none, mute, hang_up, reset, close, silence };
enum class Encoding { identity, chunked, gzip, until_close };
enum class Ranges { yes, ignored, wrong, unsatisfiable };
enum class Etag { strong, weak, none };

struct Behaviour {
  std::int64_t size = 0;
  std::uint64_t seed = 0;
  double delay = 0, jitter = 0, connection_delay = 0;  // seconds
  double rate = 0;                                     // bytes a second; 0: as fast as it goes
  double drip = 0, drip_head = 0;                      // seconds between single bytes of the body, of everything
  int status = 200;
  std::string retry_after, redirect;
  int redirect_status = 302;
  std::int64_t hops = 0;
  std::int64_t times = -1;  // faults show in the first `times` requests for the URL only; negative: always
  Fault fault = Fault::none;
  std::int64_t at = 0;  // bytes of the body before the fault
  Encoding encoding = Encoding::identity;
  bool final_chunk = true, zeros = false, stale = false;
  std::int64_t length = -1;  // the Content-Length that is said, where it is not the true one
  Ranges ranges = Ranges::yes;
  Etag etag = Etag::strong;
  std::int64_t change_after = -1;  // requests after which the content is another
  std::vector<std::string> headers;
};

/// Reads a request's target. Throws UsageError that names the part that cannot be used.
Behaviour parse_target(std::string_view target);

/// The table of options, a line each, for --help.
std::string url_grammar();

/// %XX and nothing else; text that is no escape stays.
std::string percent_decoded(std::string_view text);

}  // namespace overtake::origin
