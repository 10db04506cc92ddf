// SPDX-License-Identifier: Apache-2.0
// The end of a transfer: what libcurl's code and the server's status mean.
#include <fmt/format.h>

#include <cstring>
#include <ctime>
#include <new>

#include "io/download/engine/headers.h"
#include "io/download/engine/transfer.h"

namespace overtake::download {
namespace {

double seconds_of(CURL* easy, CURLINFO info) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, info, &microseconds);
  return static_cast<double>(microseconds) / 1e6;
}

}  // namespace

bool is_passing(std::int64_t status) {
  return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

Attempt Transfer::end(CURLcode code) {
  Attempt attempt;
  if (failed_)
    attempt = *failed_;
  else if (out_of_memory_)
    throw std::bad_alloc();
  else
    judge(code, attempt);
  read_result(attempt);
  conclude(attempt);
  return attempt;
}

void Transfer::read_result(Attempt& attempt) const {
  CURL* const easy = easy_.get();
  long connections = 0;
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
  attempt.status = status();
  attempt.connections = connections;
  attempt.received = received_;
  attempt.times = {seconds_of(easy, CURLINFO_NAMELOOKUP_TIME_T), seconds_of(easy, CURLINFO_CONNECT_TIME_T),
                   seconds_of(easy, CURLINFO_APPCONNECT_TIME_T), seconds_of(easy, CURLINFO_STARTTRANSFER_TIME_T),
                   seconds_of(easy, CURLINFO_TOTAL_TIME_T)};
}

void Transfer::judge_error(CURLcode code, Attempt& attempt) const {
  attempt.detail = error_[0] != '\0' ? std::string(error_) : std::string(curl_easy_strerror(code));
  const auto is = [&](const char* outcome, Again again) {
    attempt.outcome = outcome;
    attempt.again = again;
  };
  if (no_descriptors_) return is("too_many_files", Again::after_backoff);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return is("dns", Again::after_backoff);
    case CURLE_COULDNT_CONNECT:
      if (!refused_address_) return is("refused", Again::after_backoff);
      attempt.detail = fmt::format("{} is not a public address (--allow-private {})", refused_, refused_);
      return is("forbidden_address", Again::no);
    case CURLE_OPERATION_TIMEDOUT:
      return judge_timeout(attempt);
    case CURLE_PARTIAL_FILE:
      return is("truncated", Again::after_backoff);
    case CURLE_GOT_NOTHING:
      return is("no_answer", Again::after_backoff);
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR: {
      // libcurl says this of a chunked body that was cut off by an orderly end, too.
      const bool cut = std::strstr(error_, "chunk") != nullptr || std::strstr(error_, "transfer closed") != nullptr;
      return is(cut ? "truncated" : "reset", Again::after_backoff);
    }
    case CURLE_TOO_MANY_REDIRECTS:
      return is("too_many_redirects", Again::no);
    case CURLE_UNSUPPORTED_PROTOCOL:
      return is("forbidden_scheme", Again::no);
    case CURLE_URL_MALFORMAT:
      return is("bad_url", Again::no);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
      return is("tls", Again::no);
    case CURLE_BAD_CONTENT_ENCODING:
      return is("bad_encoding", Again::no);
    case CURLE_OUT_OF_MEMORY:
      return is("out_of_memory", Again::after_backoff);
    default:
      return is("failed", Again::no);
  }
}

void Transfer::judge_timeout(Attempt& attempt) const {
  attempt.again = Again::after_backoff;
  const double total = seconds_of(easy_.get(), CURLINFO_TOTAL_TIME_T);
  const double limit = context_.options.total_timeout;
  const bool secure = job_.url.starts_with("https:");
  const bool connected = seconds_of(easy_.get(), CURLINFO_CONNECT_TIME_T) > 0 &&
                         (!secure || seconds_of(easy_.get(), CURLINFO_APPCONNECT_TIME_T) > 0);
  if (!connected && !answered())
    attempt.outcome = "connect_timeout";
  else if (limit > 0 && total >= limit - 0.01)  // libcurl's timers are up to a millisecond early
    attempt.outcome = "timeout";
  else
    attempt.outcome = answered() ? "too_slow" : "first_byte_timeout";
}

void Transfer::judge_refusal(std::int64_t status, Attempt& attempt) const {
  attempt.outcome = fmt::format("http_{}", status);
  attempt.detail = fmt::format("the server answered {}", status);
  attempt.again = is_passing(status) ? Again::after_backoff : Again::no;
  if (!retry_after_.empty()) attempt.retry_after = parse_retry_after(retry_after_, std::time(nullptr)).value_or(-1);
}

}  // namespace overtake::download
