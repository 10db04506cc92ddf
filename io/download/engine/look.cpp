// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/look.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "io/download/engine/headers.h"

namespace overtake::download {
namespace {

// "HTTP/1.1 302 Found"
std::int64_t status_of(std::string_view line) {
  const std::size_t space = std::min(line.find(' '), line.size());
  std::int64_t status = 0;
  line = trimmed(line.substr(space));
  std::from_chars(line.data(), line.data() + line.size(), status);
  return status;
}

// Servers that do not serve HEAD say 405 or 501 (RFC 9110, 9.1), and as often 400, 403, 404 or 500, or nothing: no
// error is believed before a GET has said the same. Those that say "later" mean it for every method.
bool may_refuse_head(CURLcode code, std::int64_t status) {
  if (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR) return true;
  return code == CURLE_OK && status >= 400 && (status == 500 || !is_passing(status));
}

}  // namespace

std::unique_ptr<Transfer> make_look(Context& context, CURLSH* share) { return std::make_unique<Look>(context, share); }

void Look::prepare() {
  status_of_head_ = 0;
  redirects_.clear();
  if (job().by_get) {
    set(easy(), CURLOPT_HTTPGET, 1L);
    set(easy(), CURLOPT_RANGE, "0-0");
  } else {
    set(easy(), CURLOPT_NOBODY, 1L);
    set(easy(), CURLOPT_RANGE, static_cast<char*>(nullptr));
  }
}

void Look::on_header(std::string_view line) {
  if (line.starts_with("HTTP/"))
    status_of_head_ = status_of(line);
  else if (status_of_head_ / 100 == 3 && begins_with_word(line, "location"))
    redirects_.push_back({status_of_head_, std::string(trimmed(line.substr(9)))});
  Transfer::on_header(line);
}

// One byte is enough: whatever more a server sends ends the transfer.
std::size_t Look::on_body(const char*, std::size_t size) { return received() <= 1 ? size : 0; }

void Look::judge(CURLcode code, Attempt& attempt) {
  const std::int64_t answer = status();
  // The head is here; a body that is longer than asked for, or ends too early, is none of our business.
  if (code == CURLE_WRITE_ERROR || code == CURLE_PARTIAL_FILE || received() > 0) code = CURLE_OK;
  if (code != CURLE_OK) {
    judge_error(code, attempt);
  } else if (answer / 100 == 2 || (answer == 416 && job().by_get)) {  // 416: a file without a first byte
    attempt.outcome = "ok";
    attempt.answered = true;
  } else {
    judge_refusal(answer, attempt);
    attempt.answered = true;
  }
  if (!job().by_get && may_refuse_head(code, answer)) attempt.again = Again::at_once;
}

void Look::conclude(Attempt& attempt) {
  attempt.by_get = job().by_get;
  attempt.redirects = std::move(redirects_);
  char* url = nullptr;
  curl_easy_getinfo(easy(), CURLINFO_EFFECTIVE_URL, &url);
  if (attempt.answered && !attempt.redirects.empty() && url != nullptr) attempt.final_url = url;
  if (attempt.again == Again::at_once) job().by_get = true;
}

}  // namespace overtake::download
