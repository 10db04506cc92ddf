// SPDX-License-Identifier: Apache-2.0
// Functions that mostly wait, as coroutines: one thread attends to the waits of many. parallel_map's strategy async
// drives thousands of them in one loop; the other strategies drive one at a time a worker.
//
//   Waiting<int> answer(const Request& request) {
//     co_await seconds_pass(0.6);
//     co_return 200;
//   }
#pragma once

#include <poll.h>

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <limits>
#include <optional>
#include <queue>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace overtake {

/// What a coroutine is suspended for: a point in time, a descriptor, or whichever is first. The value of co_await is
/// whether the descriptor is ready (or has an error to report); false: the time has come.
struct Wait {
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point kNever = Clock::time_point::max();

  Clock::time_point until = kNever;
  int fd = -1;
  short events = 0;  // POLLIN, POLLOUT
};

/// Negative or 0: at once, though others that are due have their turn before. More than a century, or NaN: never.
Wait seconds_pass(double seconds);
/// Until `fd` can be read, or the other end is gone, or `seconds` have passed. `fd` must stay open meanwhile.
Wait readable(int fd, double seconds = std::numeric_limits<double>::infinity());
Wait writable(int fd, double seconds = std::numeric_limits<double>::infinity());

/// A coroutine that gives a T (or nothing: void) in the end and may co_await a Wait before. It begins when it is first
/// resumed; its destructor ends it wherever it is suspended.
template <class T>
class [[nodiscard]] Waiting {
  struct Returned {
    std::optional<T> value;
    template <class U>
    void return_value(U&& given) {
      value.emplace(std::forward<U>(given));
    }
  };
  struct ReturnedNothing {
    std::optional<std::monostate> value;
    void return_void() { value.emplace(); }
  };

 public:
  struct promise_type : std::conditional_t<std::is_void_v<T>, ReturnedNothing, Returned> {  // NOLINT: the language's
    Wait wait;
    bool ready = false;
    std::exception_ptr error;

    Waiting get_return_object() { return Waiting(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void unhandled_exception() { error = std::current_exception(); }

    struct Suspended {
      promise_type& promise;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<>) const noexcept {}
      bool await_resume() const noexcept { return promise.ready; }
    };
    Suspended await_transform(const Wait& given) {
      wait = given;
      return {*this};
    }
  };

  Waiting(Waiting&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Waiting& operator=(Waiting&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Waiting() {
    if (handle_) handle_.destroy();
  }

  /// Goes on until the next wait or the end; `ready` is the value of the co_await that it stands at. Returns whether
  /// there is a wait.
  bool resume(bool ready = false) {
    handle_.promise().ready = ready;
    handle_.resume();
    return !handle_.done();
  }
  const Wait& wait() const { return handle_.promise().wait; }

  /// After the end: what it returned (std::monostate for void). Throws what it threw.
  auto take() {
    if (handle_.promise().error) std::rethrow_exception(handle_.promise().error);
    return std::move(*handle_.promise().value);
  }

 private:
  using Handle = std::coroutine_handle<promise_type>;
  explicit Waiting(Handle handle) : handle_(handle) {}
  Handle handle_;
};

/// Waits that one thread attends to. A key is whatever the caller knows a wait by.
class WaitSet {
 public:
  struct Due {
    std::size_t key;
    bool ready;  // as for Waiting::resume
  };

  void add(std::size_t key, const Wait& wait);
  bool empty() const { return timers_.empty() && watched_.empty(); }

  /// Waits until one is due or `wake_fd` (none: -1) can be read, and takes out what is due; it does not block where
  /// `block` is false. The result is valid until the next call. Throws std::runtime_error where poll() fails.
  const std::vector<Due>& await(int wake_fd, bool block = true);

 private:
  struct Timer {
    Wait::Clock::time_point until;
    std::size_t key;
    bool operator>(const Timer& other) const { return until > other.until; }
  };
  Wait::Clock::time_point next_time() const;

  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<std::pair<std::size_t, Wait>> watched_;  // those with a descriptor
  std::vector<pollfd> polled_;
  std::vector<Due> due_;
};

/// Drives one to its end on this thread. Returns false where `wake_fd` (none: -1) could be read before.
template <class T>
bool drive(Waiting<T>& waiting, int wake_fd = -1) {
  WaitSet set;
  for (bool ready = false; waiting.resume(ready);) {
    set.add(0, waiting.wait());
    const auto& due = set.await(wake_fd);
    if (due.empty()) return false;
    ready = due.front().ready;
  }
  return true;
}

}  // namespace overtake
