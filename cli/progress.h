// SPDX-License-Identifier: Apache-2.0
// How far a run is, on stderr: a bar on a terminal, a plain line now and then elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace overtake::cli {

class Progress {
 public:
  explicit Progress(std::int64_t total_samples);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// A sample of this cell (workload/variant/...) is done.
  void done(const std::string& cell);
  /// Samples that will not come: their cell was skipped or failed.
  void set_total(std::int64_t total_samples) { total_ = total_samples; }
  std::int64_t done_so_far() const { return done_; }

 private:
  void draw(const std::string& cell);

  using Clock = std::chrono::steady_clock;
  std::int64_t total_, done_ = 0;
  bool terminal_;
  Clock::time_point start_ = Clock::now(), last_;
};

/// "2 min 05 s", "41 s".
std::string duration_text(double seconds);

}  // namespace overtake::cli
