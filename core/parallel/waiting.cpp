// SPDX-License-Identifier: Apache-2.0
#include "core/parallel/waiting.h"

#include <algorithm>
#include <cerrno>

#include "core/error.h"

namespace overtake {
namespace {

Wait::Clock::time_point in(double seconds) {
  constexpr double kCentury = 100 * 365.25 * 86400;
  if (!(seconds < kCentury)) return Wait::kNever;
  return Wait::Clock::now() +
         std::chrono::duration_cast<Wait::Clock::duration>(std::chrono::duration<double>(std::max(seconds, 0.0)));
}

}  // namespace

Wait seconds_pass(double seconds) { return {.until = in(seconds)}; }
Wait readable(int fd, double seconds) { return {.until = in(seconds), .fd = fd, .events = POLLIN}; }
Wait writable(int fd, double seconds) { return {.until = in(seconds), .fd = fd, .events = POLLOUT}; }

void WaitSet::add(std::size_t key, const Wait& wait) {
  if (wait.fd < 0)
    timers_.push({wait.until, key});
  else
    watched_.emplace_back(key, wait);
}

Wait::Clock::time_point WaitSet::next_time() const {
  auto next = timers_.empty() ? Wait::kNever : timers_.top().until;
  for (const auto& [key, wait] : watched_) next = std::min(next, wait.until);
  return next;
}

const std::vector<WaitSet::Due>& WaitSet::await(int wake_fd, bool block) {
  due_.clear();
  const auto next = next_time();
  for (;;) {
    polled_.clear();
    for (const auto& [key, wait] : watched_) polled_.push_back({.fd = wait.fd, .events = wait.events, .revents = 0});
    polled_.push_back({.fd = wake_fd, .events = POLLIN, .revents = 0});  // poll() passes over negative ones
    timespec rest{};
    if (block && next != Wait::kNever) {
      const auto left = std::max(next - Wait::Clock::now(), Wait::Clock::duration::zero());
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
      rest = {.tv_sec = seconds.count(), .tv_nsec = std::chrono::nanoseconds(left - seconds).count()};
    }
    const bool forever = block && next == Wait::kNever;
    const int answer = ppoll(polled_.data(), polled_.size(), forever ? nullptr : &rest, nullptr);
    if (answer < 0 && errno != EINTR) throw_errno("waiting for descriptors");
    if (answer < 0) continue;
    const auto now = Wait::Clock::now();
    for (; !timers_.empty() && timers_.top().until <= now; timers_.pop()) due_.push_back({timers_.top().key, false});
    std::size_t kept = 0;
    for (std::size_t i = 0; i < watched_.size(); ++i) {
      const bool ready = polled_[i].revents != 0;
      if (ready || watched_[i].second.until <= now)
        due_.push_back({watched_[i].first, ready});
      else
        watched_[kept++] = watched_[i];
    }
    watched_.resize(kept);
    if (!block || !due_.empty() || polled_.back().revents != 0) return due_;
  }
}

}  // namespace overtake
