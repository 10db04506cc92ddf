// SPDX-License-Identifier: Apache-2.0
// One transfer at a time over one easy handle: set-up of the request, what to do with the response, verification, and
// what the outcome means. Every strategy drives its transfers through this, by curl_easy_perform or a multi handle.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "io/download/engine/address.h"
#include "io/download/engine/curl_check.h"
#include "io/download/engine/headers.h"
#include "io/download/engine/job.h"
#include "io/download/engine/options.h"
#include "io/download/engine/part_file.h"

namespace overtake::download {

/// What the transfers of a process share.
struct Context {
  Context(const Options& given, Folder& where, const std::atomic<bool>* abort_flag = nullptr)
      : options(given), folder(where), allowed(given.allow_private), abort(abort_flag) {}
  const Options& options;
  Folder& folder;
  AllowList allowed;
  const std::atomic<bool>* abort;   // true: all transfers end at once and keep what they have; may be null
  std::function<void()> heartbeat;  // called now and then during a transfer; may be empty
};

class Transfer {
 public:
  /// `share`: may be null. `context` must outlive this.
  explicit Transfer(Context& context, CURLSH* share = nullptr);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Makes the handle ready for the next attempt at `job`; then perform, then end().
  void begin(Job job);
  CURL* easy() const { return easy_.get(); }
  /// Verifies and renames, or decides what the failure means. Leaves the job to job().
  Attempt end(CURLcode code);
  Job& job() { return job_; }

 private:
  friend struct Callbacks;
  std::size_t on_header(std::string_view line);
  std::size_t on_body(const char* data, std::size_t size);
  int on_socket(const curl_sockaddr* address);
  int on_progress();
  bool answered() const;
  bool start_body();
  bool start_partial();
  bool fail(const char* outcome, std::string detail, Again again = Again::no);
  bool fail_file(int error, const char* what);
  void read_result(Attempt& attempt) const;
  void judge(CURLcode code, Attempt& attempt);
  void judge_error(CURLcode code, Attempt& attempt) const;
  void judge_timeout(Attempt& attempt) const;
  void judge_status(Attempt& attempt);
  void verify(Attempt& attempt);
  void set_range();

  Context& context_;
  Easy easy_;
  HeaderList own_headers_;
  char error_[CURL_ERROR_SIZE] = "";
  Job job_;

  // Of the present attempt.
  HeaderList range_headers_;
  std::optional<PartFile> part_;
  PartFile::Resumable asked_;  // what was asked to be gone on with
  std::optional<Attempt> failed_;
  bool body_started_ = false, refused_address_ = false, no_descriptors_ = false, resumed_ = false,
       out_of_memory_ = false;
  bool ends_by_chunk_ = false;  // its end is marked, so that its size is known to be right
  std::string refused_;
  std::int64_t received_ = 0;
  std::string etag_, content_range_, retry_after_;  // of the last response
};

}  // namespace overtake::download
