// SPDX-License-Identifier: Apache-2.0
// A thread and an easy handle for each transfer in flight; looked-up names and TLS sessions are shared, connections are
// not (libcurl's connection cache is not safe to share). It should win where several cores are needed to check or write
// what comes; it costs a stack and a connection a thread, and switches between them.
#include <array>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "io/download/engine/timed.h"

namespace overtake::download {
namespace {

// One lock for each kind of shared data.
class SharedData {
 public:
  SharedData() : share_(curl_share_init()) {
    if (share_ == nullptr) throw std::bad_alloc();
    OVERTAKE_CURL(curl_share_setopt(share_.get(), CURLSHOPT_USERDATA, static_cast<void*>(&locks_)));
    OVERTAKE_CURL(curl_share_setopt(share_.get(), CURLSHOPT_LOCKFUNC, lock));
    OVERTAKE_CURL(curl_share_setopt(share_.get(), CURLSHOPT_UNLOCKFUNC, unlock));
    for (const curl_lock_data data : {CURL_LOCK_DATA_DNS, CURL_LOCK_DATA_SSL_SESSION, CURL_LOCK_DATA_PSL})
      curl_share_setopt(share_.get(), CURLSHOPT_SHARE, data);  // PSL: where libcurl was built with it
  }
  CURLSH* get() const { return share_.get(); }

 private:
  using Locks = std::array<std::mutex, CURL_LOCK_DATA_LAST>;
  static void lock(CURL*, curl_lock_data data, curl_lock_access, void* locks) {
    (*static_cast<Locks*>(locks))[data].lock();
  }
  static void unlock(CURL*, curl_lock_data data, void* locks) { (*static_cast<Locks*>(locks))[data].unlock(); }
  Locks locks_;
  Share share_;
};

// They stand ready from the start, so that a run does not begin with making them.
class Threads final : public Downloader {
 public:
  explicit Threads(int count) {
    for (int i = 0; i < count; ++i) {
      try {
        threads_.emplace_back([this] { live(); });
      } catch (const std::system_error&) {
        if (threads_.empty()) throw;
        break;  // no room for more threads: those that there are do the work
      }
    }
  }
  ~Threads() override {
    {
      const std::scoped_lock lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
  }

  void run(Session& session, Context& context) override {
    const SharedData shared;
    std::unique_lock lock(mutex_);
    work_ = {&session, &context, shared.get()};
    failure_ = nullptr;
    busy_ = threads_.size();
    without_memory_ = 0;
    ++round_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return busy_ == 0; });
    if (failure_) std::rethrow_exception(failure_);
    if (without_memory_ == threads_.size()) throw std::bad_alloc();
  }

 private:
  struct Work {
    Session* session = nullptr;
    Context* context = nullptr;
    CURLSH* share = nullptr;
  };

  void live() {
    std::unique_lock lock(mutex_);
    for (std::int64_t done = 0;;) {
      changed_.wait(lock, [&] { return ending_ || round_ != done; });
      if (ending_) return;
      done = round_;
      const Work work = work_;
      lock.unlock();
      std::exception_ptr failure;
      const bool took_part = fetch(work, failure);
      lock.lock();
      if (failure) failure_ = failure;
      if (!took_part) ++without_memory_;
      if (--busy_ == 0) changed_.notify_all();
    }
  }

  // False: there was no memory for a handle, and the other threads do the work.
  static bool fetch(const Work& work, std::exception_ptr& failure) {
    std::unique_ptr<Transfer> transfer;
    try {
      transfer = work.context->transfer(work.share);
    } catch (const std::bad_alloc&) {
      return false;
    }
    try {
      run_transfers(*work.session, *transfer);
    } catch (...) {
      work.session->drain("stopped");
      failure = std::current_exception();
    }
    return true;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Work work_;
  std::exception_ptr failure_;
  std::int64_t round_ = 0;
  std::size_t busy_ = 0, without_memory_ = 0;  // threads of this round
  bool ending_ = false;
  std::vector<std::jthread> threads_;  // end first
};

std::unique_ptr<Downloader> make(const Options& options) { return std::make_unique<Threads>(options.in_flight); }

OVERTAKE_DOWNLOAD(threads, Strategy::threads, make);

}  // namespace
}  // namespace overtake::download
