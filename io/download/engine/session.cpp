// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/session.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <random>

#include "core/random.h"
#include "io/download/engine/part_file.h"

namespace overtake::download {
namespace {

constexpr std::size_t kMostHeld = 1024;  // URLs read ahead of hosts that are busy
// URLs that wait for their next attempt. Where every URL of a long list fails, they would be the whole list.
constexpr std::size_t kMostDelayed = 16384;
constexpr double kLongestWait = 0.2;  // seconds: Ctrl-C and the progress are looked at so often
constexpr int kMostWorkersLost = 2;

std::atomic<int> interrupt_count = 0;
std::atomic<const char*> what_is_left = "";

void on_interrupt(int) {
  if (++interrupt_count < 2) return;
  for (const char* text : {"\novertake: interrupted twice", what_is_left.load(), "\n"}) [[maybe_unused]]
    const auto written = write(STDERR_FILENO, text, std::strlen(text));
  _exit(130);
}

// "HTTP://Host:80" of the URL, as a number.
std::uint64_t host_of(std::string_view url) {
  const std::size_t begin = url.find("://");
  const std::size_t end = begin == std::string_view::npos ? url.size() : url.find_first_of("/?#", begin + 3);
  return hash_text(url.substr(0, end));
}

// The system has no more of something: as many as are in flight now, and no more, can be.
bool wants_fewer(const Attempt& attempt) {
  return attempt.outcome == "too_many_files" || attempt.outcome == "out_of_memory";
}

}  // namespace

void catch_interrupts(const char* left) {
  what_is_left = left;
  struct sigaction action{};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int interrupts() { return interrupt_count; }

Session::Session(const Options& options, Folder& folder, ListReader& list, Report& report)
    : options_(options),
      folder_(folder),
      list_(list),
      report_(report),
      jitter_(std::random_device{}()),
      cap_(options.in_flight) {}

Session::Next Session::next() {
  const std::scoped_lock lock(mutex_);
  return next_locked();
}

Session::Next Session::next_or_wait() {
  std::unique_lock lock(mutex_);
  Next out = next_locked();
  if (!out.job && !out.finished) changed_.wait_for(lock, std::chrono::duration<double>(out.wait));
  return out;
}

Session::Next Session::next_locked() {
  try {
    return choose_next();
  } catch (const std::bad_alloc&) {
    stop_without_memory();
    return {.job = {}, .wait = kLongestWait, .finished = in_flight_ == 0};
  }
}

// Without memory for a line of the list, or for the row of a URL, the run can keep no promise about the rest.
void Session::stop_without_memory() {
  out_of_memory_ = aborting_ = true;
  draining_ = "stopped";
}

Session::Next Session::choose_next() {
  if (interrupts() > 0 && draining_.empty()) draining_ = "interrupted";
  if (report_.output_lost() && !aborting_) {
    draining_ = "stopped";
    aborting_ = true;
  }
  report_.progress(in_flight_);
  if (!draining_.empty()) {
    drop_waiting();
    return {.job = {}, .wait = kLongestWait, .finished = in_flight_ == 0};
  }
  Next out;
  if (in_flight_ < cap_) {
    out.job = take_ready();
    if (!out.job && delayed_.size() < kMostDelayed) out.job = take_from_list();
  }
  if (out.job) {
    if (options_.per_host > 0) ++busy_hosts_[host_of(out.job->url)];
    ++in_flight_;
    return out;
  }
  out.finished = list_ended_ && in_flight_ == 0 && delayed_.empty() && held_.empty();
  out.wait = kLongestWait;
  if (!delayed_.empty() && in_flight_ < cap_)
    out.wait = std::clamp(std::chrono::duration<double>(delayed_.top().due - Clock::now()).count(), 0.001, out.wait);
  return out;
}

bool Session::host_is_busy(const Job& job) const {
  if (options_.per_host <= 0) return false;
  const auto found = busy_hosts_.find(host_of(job.url));
  return found != busy_hosts_.end() && found->second >= options_.per_host;
}

// A job whose pause is over, or one that was held back for its host.
std::optional<Job> Session::take_ready() {
  const auto now = Clock::now();
  while (!delayed_.empty() && delayed_.top().due <= now) {
    Job job = delayed_.top().job;
    delayed_.pop();
    if (!host_is_busy(job)) return job;
    held_.push_front(std::move(job));
  }
  for (auto i = held_.begin(); i != held_.end(); ++i) {
    if (host_is_busy(*i)) continue;
    Job job = std::move(*i);
    held_.erase(i);
    return job;
  }
  return std::nullopt;
}

std::optional<Job> Session::take_from_list() {
  while (!list_ended_ && held_.size() < kMostHeld) {
    std::optional<Entry> entry = list_.next();
    if (!entry) {
      list_ended_ = true;
      report_.set_total(lines_);
      break;
    }
    ++lines_;
    if (!entry->error.empty() || entry->duplicate) {
      report_.unusable(*entry);
      continue;
    }
    Job job{.line = entry->line, .url = entry->url, .name = entry->name, .sha256 = entry->sha256};
    if (!needs_download(job)) continue;
    if (!host_is_busy(job)) return job;
    held_.push_back(std::move(job));
  }
  return std::nullopt;
}

// Looks for the file of an earlier run; says whether anything is left to do.
bool Session::needs_download(Job& job) {
  job.replace = options_.refresh;
  if (folder_.was_empty() || options_.refresh) return true;
  const std::int64_t size = size_of_file(folder_.fd(), job.name);
  if (size < 0) return true;
  const bool ours = folder_.recorded(job.url, job.name, size);
  const bool right = job.sha256.empty() ? ours : digest_of_file(folder_.fd(), job.name) == job.sha256;
  if (right) {
    // Of a run that was killed between its last two steps.
    unlinkat(folder_.fd(), (job.name + ".part.etag").c_str(), 0);
    report_.present(job, size);
    return false;
  }
  job.replace = ours;
  if (ours) return true;
  Attempt attempt;
  attempt.outcome = "exists";
  attempt.detail = job.name + " is there and no earlier download: move it away, or say --refresh";
  report_.finished(job, attempt);
  return false;
}

// Full-jitter back-off (Brooker, "Exponential backoff and jitter", AWS, 2015), or what the server asked for. nullopt:
// it is not tried again; the reason is then in the attempt.
std::optional<double> Session::pause_before_retry(const Job& job, Attempt& attempt) {
  if (attempt.again == Again::no || !draining_.empty()) return std::nullopt;
  if (wants_fewer(attempt) && in_flight_ > 0) {
    cap_ = std::max(1, std::min(cap_, in_flight_));
    return 0.05;
  }
  if (job.tries() > options_.retries && !(attempt.again == Again::at_once && job.tries() <= options_.retries + 1))
    return std::nullopt;
  if (attempt.again == Again::at_once) return 0;
  if (attempt.retry_after > options_.retry_after_most) {
    attempt.detail += fmt::format("; it asks to wait {} s, more than {} (--retry-after-most)", attempt.retry_after,
                                  options_.retry_after_most);
    return std::nullopt;
  }
  const double most = std::min(options_.backoff_most, options_.backoff * std::exp2(job.tries() - 1));
  const double jitter = RandomStream(Seed{jitter_}, static_cast<std::uint64_t>(job.line))
                            .uniform(static_cast<std::uint64_t>(job.attempts));
  return std::max(attempt.retry_after, most * jitter);
}

void Session::finish(Job job, const Attempt& given) {
  const std::scoped_lock lock(mutex_);
  --in_flight_;
  if (options_.per_host > 0) {
    const auto host = busy_hosts_.find(host_of(job.url));
    if (--host->second == 0) busy_hosts_.erase(host);
  }
  try {
    settle(job, given);
  } catch (const std::bad_alloc&) {
    stop_without_memory();
  }
  changed_.notify_all();
}

// Tried again later, or through.
void Session::settle(Job& job, const Attempt& given) {
  Attempt attempt = given;
  const std::optional<double> pause = pause_before_retry(job, attempt);
  report_.attempt_made(attempt, pause.has_value());
  if (pause) {
    if (wants_fewer(attempt) && in_flight_ > 0) --job.attempts;
    const auto due = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*pause));
    delayed_.push({due, order_++, std::move(job)});
  } else {
    report_.finished(job, attempt);
  }
  if (attempt.outcome == "disk_full") {
    draining_ = "stopped";
    aborting_ = true;
  }
}

void Session::worker_lost(Job job, std::string how) {
  Attempt attempt;
  attempt.outcome = "worker_lost";
  attempt.detail = std::move(how);
  attempt.again = ++job.workers_lost <= kMostWorkersLost ? Again::at_once : Again::no;
  --job.attempts;  // it was the worker's end, not the server's
  if (attempt.again == Again::no) ++job.attempts;
  finish(std::move(job), attempt);
}

void Session::drain(const char* outcome) {
  const std::scoped_lock lock(mutex_);
  if (draining_.empty()) draining_ = outcome;
  changed_.notify_all();
}

// What waits for its next attempt is reported; what was never begun is not, it may be a million lines.
void Session::drop_waiting() {
  Attempt attempt;
  attempt.outcome = draining_;
  attempt.detail = "not tried again";
  for (; !delayed_.empty(); delayed_.pop()) report_.finished(delayed_.top().job, attempt);
  for (const Job& job : held_) report_.finished(job, attempt);
  held_.clear();
}

}  // namespace overtake::download
