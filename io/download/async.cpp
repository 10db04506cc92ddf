// SPDX-License-Identifier: Apache-2.0
// One thread and one event loop: libcurl's multi handle carries every transfer, and connections are reused across all
// of them. It should win wherever waiting is most of the work, for a transfer in flight costs some kilobytes instead of
// a thread; all checking and writing happens on its one core.
#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/file_descriptor.h"
#include "io/download/engine/timed.h"

namespace overtake::download {
namespace {

using Clock = std::chrono::steady_clock;

// Above so many in flight, asking about every socket on every turn (poll) costs more than keeping a list of them.
constexpr int kEpollFrom = 256;

class Async final : public Downloader {
 public:
  explicit Async(int in_flight) : in_flight_(in_flight) { begin(); }

  void reset() override {
    free_.clear();
    transfers_.clear();
    multi_.reset();  // its last calls still go to the old epoll_
    timer_set_ = started_ = false;
    begin();
  }

  void run(Session& session, Context& context) override {
    for (;;) {
      const Session::Next next = start_some(session, context);
      if (next.finished) return;
      turn(next.wait);
      collect(session);
    }
  }

 private:
  void begin() {
    multi_.reset(curl_multi_init());
    if (multi_ == nullptr) throw std::bad_alloc();
    // Otherwise libcurl keeps four times as many connections as there are handles just then, and closes others.
    OVERTAKE_CURL(curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(in_flight_)));
    OVERTAKE_CURL(curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING)));
    if (in_flight_ > kEpollFrom) use_epoll();
  }

  void use_epoll() {
    epoll_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) throw_errno("epoll_create1");
    events_.resize(1024);
    OVERTAKE_CURL(curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, on_socket));
    OVERTAKE_CURL(curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, static_cast<void*>(this)));
    OVERTAKE_CURL(curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, on_timer));
    OVERTAKE_CURL(curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, static_cast<void*>(this)));
  }

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
    Async& async = *static_cast<Async*>(self);
    if (what == CURL_POLL_REMOVE) {
      epoll_ctl(async.epoll_.get(), EPOLL_CTL_DEL, socket, nullptr);
      return 0;
    }
    epoll_event event{.events = 0, .data = {.fd = socket}};
    if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
    if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
    const int change = known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    // A descriptor that was closed and given out again is new to epoll, whatever libcurl remembers.
    if (epoll_ctl(async.epoll_.get(), change, socket, &event) != 0)
      epoll_ctl(async.epoll_.get(), change == EPOLL_CTL_ADD ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    curl_multi_assign(async.multi_.get(), socket, self);
    return 0;
  }

  static int on_timer(CURLM*, long milliseconds, void* self) {
    Async& async = *static_cast<Async*>(self);
    async.timer_set_ = milliseconds >= 0;
    async.timer_ = Clock::now() + std::chrono::milliseconds(milliseconds);
    return 0;
  }

  // Until no transfer or no job is free; gives the answer that had no job.
  Session::Next start_some(Session& session, Context& context) {
    for (;;) {
      Session::Next next = session.next();
      if (!next.job) return next;
      Job job = std::move(*next.job);
      try {
        if (free_.empty()) {
          // So that collect() never asks for memory.
          if (free_.capacity() <= transfers_.size()) free_.reserve(2 * transfers_.size() + 16);
          transfers_.push_back(context.transfer());
          free_.push_back(transfers_.back().get());
        }
        Transfer* const transfer = free_.back();
        transfer->begin(job);
        OVERTAKE_CURL(curl_multi_add_handle(multi_.get(), transfer->easy()));
        free_.pop_back();
      } catch (...) {
        ++job.attempts;
        session.finish(std::move(job), attempt_of_exception());
        continue;
      }
      started_ = true;
    }
  }

  // Waits until something can be done, at most `seconds`, and does it.
  void turn(double seconds) {
    int running = 0;
    if (!epoll_) {
      // New transfers have something to do at once: asking the system first would be a call in vain.
      if (!std::exchange(started_, false))
        OVERTAKE_CURL(curl_multi_poll(multi_.get(), nullptr, 0, std::max(1, static_cast<int>(seconds * 1e3)), nullptr));
      OVERTAKE_CURL(curl_multi_perform(multi_.get(), &running));
      return;
    }
    double wait = seconds;
    if (timer_set_) wait = std::min(wait, std::chrono::duration<double>(timer_ - Clock::now()).count());
    const int count = epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()),
                                 static_cast<int>(std::ceil(std::max(0.0, wait) * 1e3)));
    for (int i = 0; i < count; ++i) {
      const std::uint32_t seen = events_[static_cast<std::size_t>(i)].events;
      int what = 0;
      if ((seen & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
      if ((seen & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
      if ((seen & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
      OVERTAKE_CURL(
          curl_multi_socket_action(multi_.get(), events_[static_cast<std::size_t>(i)].data.fd, what, &running));
    }
    if (timer_set_ && Clock::now() >= timer_) {
      timer_set_ = false;
      OVERTAKE_CURL(curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running));
    }
  }

  void collect(Session& session) {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* const easy = message->easy_handle;
      const CURLcode code = message->data.result;
      char* data = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &data);
      auto* const transfer = reinterpret_cast<Transfer*>(data);
      Attempt attempt;
      try {
        attempt = transfer->end(code);
      } catch (...) {
        attempt = attempt_of_exception();
      }
      OVERTAKE_CURL(curl_multi_remove_handle(multi_.get(), easy));
      free_.push_back(transfer);
      session.finish(std::move(transfer->job()), attempt);
    }
  }

  int in_flight_;
  FileDescriptor epoll_;  // outlives the multi handle, whose last calls go to it
  Multi multi_;
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Transfer*> free_;
  std::vector<epoll_event> events_;
  bool timer_set_ = false, started_ = false;
  Clock::time_point timer_;
};

std::unique_ptr<Downloader> make(const Options& options) { return std::make_unique<Async>(options.in_flight); }

OVERTAKE_DOWNLOAD(async, Strategy::async, make);

}  // namespace
}  // namespace overtake::download
