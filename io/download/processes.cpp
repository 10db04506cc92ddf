// SPDX-License-Identifier: Apache-2.0
// Worker processes that share nothing, one transfer at a time in each, so that as many are in flight as there are
// processes. It should win where what is done with the bytes needs cores and may crash: a worker that dies takes one
// download with it, which another repeats. It costs a process, a connection and a message to and fro a file.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/pool/pool.h"
#include "core/system/peak_memory.h"
#include "io/download/engine/pack.h"
#include "io/download/engine/timed.h"

namespace overtake::download {
namespace {

using Clock = std::chrono::steady_clock;

// What a worker keeps from task to task: its folder, its handle and with it its connection.
struct WorkerState {
  explicit WorkerState(const std::string& text)
      : options_text(text),
        options(Options::from_text(text)),
        folder(Folder::attach(options.folder)),
        context(options, folder),
        transfer(context.transfer()) {}
  std::string options_text;
  Options options;
  Folder folder;
  Context context;
  std::unique_ptr<Transfer> transfer;
};

std::unique_ptr<WorkerState>& worker_state() {
  static std::unique_ptr<WorkerState> state;
  return state;
}

void make_state(const std::string& options) {
  start_curl();
  keep_freed_memory();
  worker_state().reset();
  worker_state() = std::make_unique<WorkerState>(options);
}

// A handle without a connection, on a folder that may be empty again.
void begin_anew(WorkerContext&, const std::string& options) {
  make_state(options);
  reset_peak_memory();
}

std::int64_t own_peak(WorkerContext&, const int&) { return peak_memory_bytes(); }

std::string fetch(WorkerContext& worker, const std::string& task) {
  std::unique_ptr<WorkerState>& state = worker_state();
  std::string options;
  Job job;
  Unpacker unpacker(task);
  unpacker.all(options);
  Job::exchange(unpacker, job);
  if (state == nullptr || state->options_text != options) make_state(options);
  auto last = Clock::now();
  state->context.heartbeat = [&] {
    if (Clock::now() - last < std::chrono::seconds(1)) return;
    last = Clock::now();
    worker.heartbeat();
  };
  const Attempt attempt = attempt_once(*state->transfer, job);
  state->context.heartbeat = nullptr;
  Packer packer;
  Job::exchange(packer, job);
  Attempt::exchange(packer, attempt);
  return packer.text();
}

const auto kFetch = register_task<fetch>("download_fetch");
const auto kBeginAnew = register_task<begin_anew>("download_begin_anew");
const auto kOwnPeak = register_task<own_peak>("download_peak");

// A pool of one for each worker, and a thread that waits for it: a job goes to whichever worker is free, without a
// queue of their own between them.
class Processes final : public Downloader {
 public:
  explicit Processes(const Options& options) : options_text_(options.to_text()), pools_(options.in_flight) {
    std::mutex mutex;
    std::exception_ptr failure;
    // A few threads, because each start waits for a process to be ready.
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> starters;
    for (int i = 0; i < 8; ++i) {
      starters.emplace_back([&] {
        try {
          for (std::size_t at = next++; at < pools_.size(); at = next++)
            pools_[at] = std::make_unique<Pool>(1, PoolOptions{.task_seconds = options.worker_seconds, .retries = 0});
        } catch (...) {
          const std::scoped_lock lock(mutex);
          failure = std::current_exception();
        }
      });
    }
    starters.clear();
    if (failure) std::rethrow_exception(failure);
  }

  void run(Session& session, Context&) override {
    std::vector<std::jthread> threads;
    threads.reserve(pools_.size());
    losses_ = 0;
    failure_ = nullptr;
    for (std::size_t i = 0; i < pools_.size(); ++i) {
      try {
        threads.emplace_back([&, i] { serve_until_end(session, i); });
      } catch (const std::exception&) {
        if (threads.empty()) throw;
        break;  // no room for more threads: those that there are do the work
      }
    }
    threads.clear();
    if (failure_) std::rethrow_exception(failure_);
  }

  void reset() override {
    for (const auto& pool : pools_) pool->run(kBeginAnew, std::vector<std::string>{options_text_});
  }

  std::int64_t workers_peak_bytes() override {
    std::int64_t sum = 0;
    for (const auto& pool : pools_) sum += pool->run(kOwnPeak, std::vector<int>{0}).front();
    return sum;
  }

 private:
  // So many workers lost one after another, without a single answer between them, are no accident.
  static constexpr int kMostLosses = 20;

  void serve_until_end(Session& session, std::size_t number) {
    try {
      serve(session, number);
    } catch (...) {
      session.drain("stopped");
      const std::scoped_lock lock(mutex_);
      failure_ = std::current_exception();
    }
  }

  void serve(Session& session, std::size_t number) {
    for (;;) {
      Session::Next next = session.next_or_wait();
      if (next.finished) return;
      if (!next.job) continue;
      Job job = std::move(*next.job);
      Attempt attempt;
      try {
        attempt = ask(number, job);
        losses_ = 0;
      } catch (const std::bad_alloc&) {  // here, not in the worker
        ++job.attempts;
        attempt = attempt_of_exception();
      } catch (const std::exception& error) {
        lose(session, std::move(job), number, error.what());
        continue;
      }
      session.finish(std::move(job), attempt);
    }
  }

  // Has the worker do one attempt at `job`. Throws what its pool throws where the worker is lost.
  Attempt ask(std::size_t number, Job& job) {
    Packer packer;
    packer.all(options_text_);
    Job::exchange(packer, job);
    const std::string answer = pools_[number]->run(kFetch, std::vector<std::string>{packer.text()}).front();
    Unpacker unpacker(answer);
    Attempt attempt;
    Job after;
    Job::exchange(unpacker, after);
    Attempt::exchange(unpacker, attempt);
    job = std::move(after);
    return attempt;
  }

  void lose(Session& session, Job job, std::size_t number, const char* why) {
    ++job.attempts;
    std::string how;
    try {
      how = fmt::format("process {}: {}", number, why);
    } catch (const std::bad_alloc&) {
      how = "a process";  // without its name: the job must come back to the session
    }
    session.worker_lost(std::move(job), std::move(how));
    if (++losses_ >= kMostLosses)
      throw std::runtime_error(fmt::format("{} workers were lost one after another; the last: {}", kMostLosses, why));
  }

  std::string options_text_;
  std::vector<std::unique_ptr<Pool>> pools_;
  std::atomic<int> losses_ = 0;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

std::unique_ptr<Downloader> make(const Options& options) { return std::make_unique<Processes>(options); }

OVERTAKE_DOWNLOAD(processes, Strategy::processes, make);

}  // namespace
}  // namespace overtake::download
