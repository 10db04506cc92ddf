// SPDX-License-Identifier: Apache-2.0
// What the user of `overtake do download` may set; every strategy obeys it, and workers are sent it as text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace overtake::download {

struct Options {
  std::string folder = ".";
  int in_flight = 16;
  int per_host = 0;  // 0: no limit of its own

  int retries = 3;           // after the first attempt
  double backoff = 1;        // seconds: the first pause is at most this, each later one at most twice the one before
  double backoff_most = 60;  // seconds
  double retry_after_most = 300;  // seconds that a server may ask us to wait

  double connect_timeout = 10, first_byte_timeout = 60, total_timeout = 0;  // seconds; 0: none
  std::int64_t low_speed = 1024;                                            // bytes a second ...
  double low_speed_time = 30;  // ... over so many seconds is too slow; 0: any speed will do
  std::int64_t max_size = 0;   // bytes of a file; 0: no limit
  bool compressed = false, digest = false, refresh = false;
  std::string ca_file;
  std::vector<std::string> allow_private;  // ADDR[:PORT]
  std::vector<std::string> headers;
  double worker_seconds = 60;  // a worker process that says nothing for so long is replaced

  std::string to_text() const;
  static Options from_text(const std::string& text);
};

/// The folder's lock, the list of what was downloaded, and temporary names share this beginning; no download is ever
/// given a name that begins with a dot.
inline constexpr const char* kStateName = ".overtake-downloads";

}  // namespace overtake::download
