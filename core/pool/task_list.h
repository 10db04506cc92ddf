// SPDX-License-Identifier: Apache-2.0
// The tasks of one Pool::run(): all known at its beginning, their results in their order.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/pool/task_source.h"

namespace overtake {

class TaskList : public TaskSource {
 public:
  TaskList(std::string_view name, std::span<const Bytes> tasks, int retries)
      : name_(name), tasks_(tasks), retries_(retries), losses_(tasks.size()), results_(tasks.size()) {
    for (std::size_t i = 0; i < tasks.size(); ++i) pending_.push_back(i);
  }

  std::optional<Next> next() override {
    if (!failure_.empty() || pending_.empty()) return std::nullopt;
    const std::size_t task = pending_.front();
    pending_.pop_front();
    return Next{task, tasks_[task]};
  }
  void done(std::size_t task, std::span<const std::byte> result) override {
    results_[task] = {result.begin(), result.end()};
  }
  void failed(std::size_t task, int worker, const std::string& what) override {
    if (failure_.empty())
      failure_ = fmt::format("worker {}, task {} of {} of {}: {}", worker, task + 1, tasks_.size(), name_, what);
  }
  void lost(std::size_t task, const WorkerLoss& loss) override {
    if (++losses_[task] <= retries_) {
      pending_.push_front(task);
    } else if (failure_.empty()) {
      failure_ = fmt::format("{} at task {} of {} of {}, as did {} before it at the same task", loss.how, task + 1,
                             tasks_.size(), name_, retries_);
    }
  }

  std::vector<Bytes> take_results() {
    if (!failure_.empty()) throw std::runtime_error(failure_);
    return std::move(results_);
  }

 private:
  std::string_view name_;
  std::span<const Bytes> tasks_;
  int retries_;
  std::deque<std::size_t> pending_;
  std::vector<int> losses_;  // workers lost to each task
  std::vector<Bytes> results_;
  std::string failure_;  // empty: none so far
};

}  // namespace overtake
