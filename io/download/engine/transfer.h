// SPDX-License-Identifier: Apache-2.0
// One request at a time over one easy handle: its set-up, which addresses it may reach, when it ends, and what
// libcurl's errors mean. What is done with the answer is a derived class's: FileTransfer or Look. Every strategy drives
// its transfers through this, by curl_easy_perform or a multi handle.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "io/download/engine/address.h"
#include "io/download/engine/curl_check.h"
#include "io/download/engine/folder.h"
#include "io/download/engine/job.h"
#include "io/download/engine/options.h"

namespace overtake::download {

class Transfer;
struct Context;

/// `share` may be null. `context` must outlive the transfer.
using MakeTransfer = std::unique_ptr<Transfer> (*)(Context& context, CURLSH* share);
/// Writes what comes into the context's folder (file_transfer.h).
std::unique_ptr<Transfer> make_file_transfer(Context& context, CURLSH* share);
/// Asks what a URL answers, and keeps nothing (look.h).
std::unique_ptr<Transfer> make_look(Context& context, CURLSH* share);

/// What the transfers of a process share.
struct Context {
  Context(const Options& given, Folder& where, const std::atomic<bool>* abort_flag = nullptr,
          MakeTransfer maker = make_file_transfer)
      : options(given), folder(where), allowed(given.allow_private), abort(abort_flag), make(maker) {}
  std::unique_ptr<Transfer> transfer(CURLSH* share = nullptr) { return make(*this, share); }

  const Options& options;
  Folder& folder;
  AllowList allowed;
  const std::atomic<bool>* abort;   // true: all transfers end at once and keep what they have; may be null
  std::function<void()> heartbeat;  // called now and then during a transfer; may be empty
  MakeTransfer make;
};

class Transfer {
 public:
  virtual ~Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Makes the handle ready for the next attempt at `job`; then perform, then end().
  void begin(Job job);
  CURL* easy() const { return easy_.get(); }
  /// Decides what the answer, or its failure, means. Leaves the job to job().
  Attempt end(CURLcode code);
  Job& job() { return job_; }

 protected:
  Transfer(Context& context, CURLSH* share);

  /// The handle has the job's URL; what else the request needs.
  virtual void prepare() = 0;
  /// A line of the head of a response; there may be several responses.
  virtual void on_header(std::string_view line);
  /// Less than `size`: the transfer ends.
  virtual std::size_t on_body(const char* data, std::size_t size) = 0;
  /// Where nothing of our own failed: the outcome.
  virtual void judge(CURLcode code, Attempt& attempt) = 0;
  /// The attempt is complete but for what is left to be done with the answer.
  virtual void conclude(Attempt& attempt) = 0;

  /// What libcurl's error means.
  void judge_error(CURLcode code, Attempt& attempt) const;
  /// The outcome "http_404", and whether it may be another later.
  void judge_refusal(std::int64_t status, Attempt& attempt) const;
  /// False, so that a callback can return what makes libcurl stop.
  bool fail(const char* outcome, std::string detail, Again again = Again::no);
  std::int64_t status() const;

  Context& context() { return context_; }
  /// Of every request, as the user gave them; null: none.
  curl_slist* own_headers() const { return own_headers_.get(); }
  /// Bytes of bodies in this attempt.
  std::int64_t received() const { return received_; }
  /// What fail() was told.
  const Attempt& failure() const { return *failed_; }

 private:
  friend struct Callbacks;
  int on_socket(const curl_sockaddr* address);
  int on_progress();
  bool answered() const;
  void read_result(Attempt& attempt) const;
  void judge_timeout(Attempt& attempt) const;

  Context& context_;
  Job job_;
  Easy easy_;
  HeaderList own_headers_;
  char error_[CURL_ERROR_SIZE] = "";
  // Of the present attempt.
  std::optional<Attempt> failed_;
  std::int64_t received_ = 0;
  bool refused_address_ = false, no_descriptors_ = false, out_of_memory_ = false;
  std::string refused_, retry_after_;  // retry_after_: of the last response
};

/// Whether a status says "later".
bool is_passing(std::int64_t status);

bool begins_with_word(std::string_view line, std::string_view name);

/// Throws std::bad_alloc.
void append(HeaderList& list, const std::string& header);

/// curl_easy_setopt with an exception.
template <class T>
void set(CURL* easy, CURLoption option, T value) {
  OVERTAKE_CURL(curl_easy_setopt(easy, option, value));
}

}  // namespace overtake::download
