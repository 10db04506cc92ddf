// SPDX-License-Identifier: Apache-2.0
// What is asked of one attempt at a download, and what became of it: plain values that also travel to worker processes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace overtake::download {

struct Job {
  std::int64_t line = 0;
  std::string url, name, sha256;  // sha256: lower-case hexadecimal, or empty
  int attempts = 0;               // begun so far
  int workers_lost = 0;
  bool checksum_failed = false;  // once already
  bool by_get = false;           // of `do check`: the server refused HEAD
  bool replace = false;          // the file that has the name is an earlier download, or the user said --refresh

  /// Attempts without the HEAD that was refused: what retries are counted by.
  int tries() const { return attempts - (by_get ? 1 : 0); }

  template <class Packer, class Self>
  static void exchange(Packer& packer, Self& j) {
    packer.all(j.line, j.url, j.name, j.sha256, j.attempts, j.workers_lost, j.checksum_failed, j.replace);
  }
};

/// Seconds from the attempt's begin; 0 where it did not come so far.
struct Times {
  double name = 0, connect = 0, tls = 0, first_byte = 0, total = 0;
};

enum class Again { no, after_backoff, at_once };

/// A redirect as the server said it.
struct Hop {
  std::int64_t status = 0;
  std::string location;
};

struct Attempt {
  std::string outcome;  // one word; "ok" where the file is in its place
  std::string detail;   // a sentence; may be empty
  Again again = Again::no;
  double retry_after = -1;       // seconds that the server asked for; negative: it did not
  std::int64_t status = 0;       // HTTP's; 0: no response
  std::int64_t size = 0;         // of the file
  std::int64_t received = 0;     // bytes of the body in this attempt
  std::int64_t connections = 0;  // opened
  Times times;
  std::string digest;
  bool resumed = false, length_unverified = false;

  // Of `do check`, which has no worker processes that these would travel from.
  bool by_get = false, answered = false;  // answered: with a status that is not to be followed, whichever it is
  std::vector<Hop> redirects;
  std::string final_url;

  bool good() const { return outcome == "ok"; }
  template <class Packer, class Self>
  static void exchange(Packer& packer, Self& a) {
    packer.all(a.outcome, a.detail, a.again, a.retry_after, a.status, a.size, a.received, a.connections, a.times,
               a.digest, a.resumed, a.length_unverified);
  }
};

}  // namespace overtake::download
