// SPDX-License-Identifier: Apache-2.0
#include "compare/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/system/resources.h"

namespace overtake::compare {
namespace {

// Indices that a thread takes at a time are so few that each thread takes about this many times.
constexpr std::size_t kTurns = 16;

// The exception of the lowest index so far.
class FirstError {
 public:
  void note(std::size_t index, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (index < index_) {
      index_ = index;
      error_ = std::move(error);
    }
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  std::size_t index_ = std::numeric_limits<std::size_t>::max();
  std::exception_ptr error_;
};

}  // namespace

void for_each_index(std::size_t count, const std::function<void(std::size_t)>& work) {
  const std::size_t threads = std::min(count, static_cast<std::size_t>(physical_cores_allowed()));
  const std::size_t grain = std::max<std::size_t>(1, count / std::max<std::size_t>(1, threads * kTurns));
  std::atomic<std::size_t> next = 0;
  FirstError error;
  const auto call = [&](std::size_t i) {
    try {
      work(i);
    } catch (...) {
      error.note(i, std::current_exception());
    }
  };
  const auto take_turns = [&] {
    for (std::size_t first; (first = next.fetch_add(grain)) < count;)
      for (std::size_t i = first; i < std::min(count, first + grain); ++i) call(i);
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(take_turns);
  take_turns();
  others.clear();
  error.rethrow();
}

}  // namespace overtake::compare
