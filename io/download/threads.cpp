// SPDX-License-Identifier: Apache-2.0
// A thread and an easy handle for each transfer in flight; looked-up names and TLS sessions are shared, connections are
// not (libcurl's connection cache is not safe to share). It should win where several cores are needed to check or write
// what comes; it costs a stack and a connection a thread, and switches between them.
#include <array>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "io/download/engine/strategy.h"

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

class Threads final : public Downloader {
 public:
  explicit Threads(int count) : count_(count) {}

  void run(Session& session, Context& context) override {
    const SharedData shared;
    std::exception_ptr failure;
    std::mutex failure_mutex;
    std::vector<std::jthread> threads;
    const auto work = [&] {
      try {
        Transfer transfer(context, shared.get());
        run_transfers(session, transfer);
      } catch (...) {
        const std::scoped_lock lock(failure_mutex);
        failure = std::current_exception();
        session.drain("stopped");
      }
    };
    for (int i = 0; i < count_; ++i) {
      try {
        threads.emplace_back(work);
      } catch (const std::system_error&) {
        if (threads.empty()) throw;
        break;  // no room for more threads: those that there are do the work
      }
    }
    threads.clear();
    if (failure) std::rethrow_exception(failure);
  }

 private:
  int count_;
};

const bool kRegistered = register_strategy("threads", Strategy::threads, [](const Options& options) {
  return std::unique_ptr<Downloader>(std::make_unique<Threads>(options.in_flight));
});

}  // namespace
}  // namespace overtake::download
