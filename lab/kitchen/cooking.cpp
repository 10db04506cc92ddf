// SPDX-License-Identifier: Apache-2.0
// A dinner cooked by threads: a thread a cook, and the caller's thread, which gives out the work and minds what cooks
// by itself.
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <queue>
#include <thread>
#include <utility>
#include <vector>

#include "lab/kitchen/schedule.h"

namespace overtake::lab {
namespace {

using Clock = std::chrono::steady_clock;

class RealKitchen {
 public:
  RealKitchen(const Dinner& dinner, Rule rule, double seconds_a_minute)
      : dinner_(dinner),
        brigade_(dinner, rule),
        seconds_a_minute_(seconds_a_minute),
        schedule_{.cooks = cooks_of(dinner, rule), .steps = std::vector<Cooked>(dinner.steps.size())},
        orders_(static_cast<std::size_t>(schedule_.cooks)) {}

  Schedule cook() {
    Crew crew(*this);
    crew.hire();
    begin_ = Clock::now();
    std::unique_lock lock(mutex_);
    for (;;) {
      give_out();
      if (brigade_.done()) return schedule_;
      if (by_itself_.empty())
        ended_changed_.wait(lock, [&] { return !ended_.empty(); });
      else
        ended_changed_.wait_until(lock, by_itself_.top().first, [&] { return !ended_.empty(); });
      take_back();
    }
  }

 private:
  // The cooks' threads, sent home and awaited at the end.
  struct Crew {
    explicit Crew(RealKitchen& given) : kitchen(given) {}
    void hire() {
      for (std::size_t cook = 0; cook < kitchen.orders_.size(); ++cook)
        threads.emplace_back([this, cook] { kitchen.work(cook); });
    }
    ~Crew() {
      const std::lock_guard lock(kitchen.mutex_);
      kitchen.closed_ = true;
      kitchen.orders_changed_.notify_all();
    }
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    RealKitchen& kitchen;
    std::vector<std::jthread> threads;
  };
  using End = std::pair<Clock::time_point, std::size_t>;

  Clock::duration time_of(const Step& step) const {
    return std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double, std::nano>(std::ceil(step.minutes * seconds_a_minute_ * 1e9)));
  }
  double minute(Clock::time_point point) const {
    return std::chrono::duration<double>(point - begin_).count() / seconds_a_minute_;
  }

  void give_out() {
    for (const Begun& begun : brigade_.begin()) {
      schedule_.steps[begun.step].what = begun;
      if (begun.cook != kNobody) {
        orders_[static_cast<std::size_t>(begun.cook)] = begun.step;
        orders_changed_.notify_all();
      } else {
        const auto now = Clock::now();
        schedule_.steps[begun.step].start = minute(now);
        by_itself_.emplace(now + time_of(dinner_.steps[begun.step]), begun.step);
      }
    }
  }

  void take_back() {
    const auto now = Clock::now();
    for (; !by_itself_.empty() && by_itself_.top().first <= now; by_itself_.pop()) {
      schedule_.steps[by_itself_.top().second].end = minute(now);
      ended_.push_back(by_itself_.top().second);
    }
    for (const std::size_t step : ended_) brigade_.end(schedule_.steps[step].what);
    ended_.clear();
  }

  // A cook's thread.
  void work(std::size_t cook) {
    std::unique_lock lock(mutex_);
    for (;;) {
      orders_changed_.wait(lock, [&] { return orders_[cook].has_value() || closed_; });
      if (!orders_[cook]) return;
      const std::size_t step = *orders_[cook];
      lock.unlock();
      const auto start = Clock::now();
      std::this_thread::sleep_until(start + time_of(dinner_.steps[step]));
      const auto end = Clock::now();
      lock.lock();
      orders_[cook].reset();
      schedule_.steps[step].start = minute(start);
      schedule_.steps[step].end = minute(end);
      ended_.push_back(step);
      ended_changed_.notify_one();
    }
  }

  const Dinner& dinner_;
  Brigade brigade_;
  double seconds_a_minute_;
  Clock::time_point begin_;
  std::mutex mutex_;  // of all below
  std::condition_variable orders_changed_, ended_changed_;
  Schedule schedule_;
  std::vector<std::optional<std::size_t>> orders_;  // by cook
  std::vector<std::size_t> ended_;
  std::priority_queue<End, std::vector<End>, std::greater<>> by_itself_;
  bool closed_ = false;
};

}  // namespace

Schedule cooked(const Dinner& dinner, Rule rule, double seconds_a_minute) {
  require_cookable(dinner);
  return RealKitchen(dinner, rule, seconds_a_minute).cook();
}

}  // namespace overtake::lab
