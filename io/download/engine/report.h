// SPDX-License-Identifier: Apache-2.0
// What the user sees of a download: a JSON line a URL on stdout, sentences about failures and the progress on stderr.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "io/download/engine/job.h"
#include "io/download/engine/list.h"

namespace overtake::download {

/// What became of all URLs so far. good: the file is in its place, or the URL gave an answer.
struct Totals {
  std::int64_t good = 0, failed = 0, present = 0, duplicates = 0, retries = 0, connections = 0, bytes = 0;
};

class Report {
 public:
  enum class About { files, answers };  // of `do download`, of `do check`
  struct Options {
    bool rows = true;       // JSON lines on stdout
    bool sentences = true;  // on stderr
    About about = About::files;
  };
  explicit Report(Options options);

  /// A URL is through: good or for good failed.
  void finished(const Job& job, const Attempt& last);
  /// A line of the list that cannot be used, or that says the same as an earlier one.
  void unusable(const Entry& entry);
  /// The file was there already, from an earlier run.
  void present(const Job& job, std::int64_t size);
  void attempt_made(const Attempt& attempt, bool again);
  /// How many URLs the list has, once it has been read to its end; the progress then says how long it will take.
  void set_total(std::int64_t urls) { total_ = urls; }
  /// Redraws the progress where stderr is a terminal and it is due.
  void progress(int in_flight, bool force = false);
  /// Writes what is still buffered. False: stdout can no longer be written to.
  bool flush();
  bool drawn() const { return drawn_; }
  bool output_lost() const { return lost_; }
  const Totals& totals() const { return totals_; }
  /// "URL: outcome: detail"; empty: nothing failed.
  const std::string& first_failure() const { return first_failure_; }

 private:
  bool good(const Attempt& last) const { return options_.about == About::files ? last.good() : last.answered; }
  void put(const std::string& row);
  void say(const std::string& sentence);
  Options options_;
  Totals totals_;
  std::int64_t total_ = 0;
  std::string buffer_, first_failure_;
  bool lost_ = false, terminal_ = false, drawn_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), drawn_at_ = start_,
                                        flushed_ = start_;
};

/// The text as a JSON string: UTF-8 stays, control characters and escapes for terminals are written \uXXXX.
std::string json_string(std::string_view text);

/// Without what a terminal would obey.
std::string printable(std::string_view text);

}  // namespace overtake::download
