// SPDX-License-Identifier: Apache-2.0
// One download of a list: which URL may start now, what is tried again and when, and how many may be in flight. All
// strategies take their jobs here and bring back what became of them; the retry policy and the limits are in this file
// alone. Safe to call from several threads.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/download/engine/folder.h"
#include "io/download/engine/job.h"
#include "io/download/engine/list.h"
#include "io/download/engine/options.h"
#include "io/download/engine/report.h"

namespace overtake::download {

class Session {
 public:
  Session(const Options& options, Folder& folder, ListReader& list, Report& report);

  struct Next {
    std::optional<Job> job;  // to be started now
    double wait = 0;         // without a job: seconds until one may become free by itself; at most 0.2
    bool finished = false;   // nothing will ever come
  };
  Next next();
  /// The same, but waits, up to Next::wait or until something has changed.
  Next next_or_wait();
  void finish(Job job, const Attempt& attempt);
  /// The worker process that had the job died; `how` names it.
  void worker_lost(Job job, std::string how);

  /// No new job starts; what is in flight ends by itself. The first Ctrl-C.
  void drain(const char* outcome);
  /// Whether transfers in flight should be ended at once: the disk is full, stdout is gone, or memory was not even
  /// there to say what became of one.
  const std::atomic<bool>& aborting() const { return aborting_; }
  /// The run has ended because of that; some URL has no row.
  bool out_of_memory() const { return out_of_memory_; }
  int in_flight() const { return in_flight_; }
  /// How many may be in flight now; falls where the system has no more descriptors.
  int cap() const { return cap_; }
  Report& report() { return report_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Delayed {
    Clock::time_point due;
    std::int64_t order;
    Job job;
    bool operator>(const Delayed& other) const { return due != other.due ? due > other.due : order > other.order; }
  };
  Next next_locked();
  Next choose_next();
  void settle(Job& job, const Attempt& given);
  void stop_without_memory();
  std::optional<Job> take_ready();
  std::optional<Job> take_from_list();
  bool needs_download(Job& job);
  bool host_is_busy(const Job& job) const;
  std::optional<double> pause_before_retry(const Job& job, Attempt& attempt);
  void drop_waiting();

  const Options& options_;
  Folder& folder_;
  ListReader& list_;
  Report& report_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::priority_queue<Delayed, std::vector<Delayed>, std::greater<>> delayed_;
  std::deque<Job> held_;  // read from the list, but their hosts are busy
  std::unordered_map<std::uint64_t, int> busy_hosts_;
  std::int64_t order_ = 0, lines_ = 0;
  std::uint64_t jitter_ = 0;
  int in_flight_ = 0, cap_;
  bool list_ended_ = false;
  std::string_view draining_;  // the outcome of what waits; empty: not draining
  std::atomic<bool> aborting_ = false, out_of_memory_ = false;
};

/// Ctrl-C: how often it was pressed. The second ends the process at once with status 130, and says `left` besides that
/// it was interrupted.
void catch_interrupts(const char* left);
int interrupts();

}  // namespace overtake::download
