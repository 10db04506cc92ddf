// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/file_transfer.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "io/download/engine/headers.h"

namespace overtake::download {
namespace {

constexpr std::int64_t kNoteEtagFrom = 1 << 18;   // smaller files are not worth a file beside them
constexpr std::int64_t kMostErrorBody = 1 << 20;  // of an answer that is not the file

}  // namespace

std::unique_ptr<Transfer> make_file_transfer(Context& context, CURLSH* share) {
  return std::make_unique<FileTransfer>(context, share);
}

void FileTransfer::prepare() {
  part_.reset();
  part_.emplace(context().folder, job().url, job().name, context().options.digest || !job().sha256.empty());
  asked_ = {};
  body_started_ = resumed_ = ends_by_chunk_ = false;
  etag_.clear();
  content_range_.clear();
  set_range();
}

// Only with a strong tag and If-Range: the server sends the whole file where it is another by now. CURLOPT_RANGE and
// not CURLOPT_RESUME_FROM, which makes an error of that answer.
void FileTransfer::set_range() {
  const bool possible = (job().attempts > 1 || !context().folder.was_empty()) && !context().options.compressed;
  if (possible) asked_ = part_->resumable();
  if (asked_.etag.empty() && range_headers_ == nullptr) return;
  CURL* const handle = easy();
  HeaderList headers;
  if (!asked_.etag.empty()) {
    for (const std::string& header : context().options.headers) append(headers, header);
    append(headers, "If-Range: " + asked_.etag);
    set(handle, CURLOPT_RANGE, fmt::format("{}-", asked_.bytes).c_str());
    set(handle, CURLOPT_HTTPHEADER, headers.get());
  } else {
    set(handle, CURLOPT_RANGE, static_cast<char*>(nullptr));
    set(handle, CURLOPT_HTTPHEADER, own_headers());
  }
  range_headers_ = std::move(headers);
}

bool FileTransfer::fail_file(int error, const char* what) {
  const std::string detail = fmt::format("{} {}: {}", what, job().name, std::strerror(error));
  if (error == ENOSPC || error == EDQUOT) return fail("disk_full", detail);
  if (error == EMFILE || error == ENFILE) return fail("too_many_files", detail, Again::after_backoff);
  return fail("cannot_write", detail);
}

void FileTransfer::on_header(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    etag_.clear();
    content_range_.clear();
    ends_by_chunk_ = false;
  } else if (begins_with_word(line, "transfer-encoding")) {
    ends_by_chunk_ = line.find("chunked") != std::string_view::npos;
  } else if (begins_with_word(line, "etag")) {
    etag_ = strong_etag(line.substr(5));
  } else if (begins_with_word(line, "content-range")) {
    content_range_ = trimmed(line.substr(14));
  }
  Transfer::on_header(line);
}

std::size_t FileTransfer::on_body(const char* data, std::size_t size) {
  if (!body_started_ && !start_body()) return 0;
  if (!part_->is_open()) return received() > kMostErrorBody ? 0 : size;  // the body of an error
  const std::int64_t limit = context().options.max_size;
  if (limit > 0 && part_->size() + static_cast<std::int64_t>(size) > limit) {
    fail("too_large", fmt::format("more than {} bytes came (--max-size)", limit));
    return 0;
  }
  const int error = part_->write(data, size);
  if (error != 0) return fail_file(error, "writing") ? size : 0;
  return size;
}

// The file is made when its first byte is here, so that thousands that wait cost no descriptor.
bool FileTransfer::start_body() {
  body_started_ = true;
  const std::int64_t code = status();
  curl_off_t length = -1;
  curl_easy_getinfo(easy(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (code == 206 && !asked_.etag.empty()) return start_partial();
  if (code != 200) return true;
  const std::int64_t limit = context().options.max_size;
  if (limit > 0 && length > limit)
    return fail("too_large", fmt::format("{} bytes are more than {} (--max-size)", length, limit));
  int error = part_->open_fresh();
  if (error != 0) return fail_file(error, "making");
  if (length >= kNoteEtagFrom && !etag_.empty()) error = part_->note_etag(etag_);
  return error == 0 || fail_file(error, "making");
}

bool FileTransfer::start_partial() {
  const std::optional<ContentRange> range = parse_content_range(content_range_);
  const bool fits = range && range->first == asked_.bytes && (range->size < 0 || range->last == range->size - 1) &&
                    (etag_.empty() || etag_ == asked_.etag);
  const int error = fits ? part_->open_resumed(asked_.bytes) : ESTALE;
  if (error == 0) {
    resumed_ = true;
    etag_ = asked_.etag;
    return true;
  }
  part_->discard();
  return fail("bad_range", fmt::format("asked to go on at byte {}, the server sent '{}'", asked_.bytes, content_range_),
              Again::at_once);
}

void FileTransfer::judge(CURLcode code, Attempt& attempt) {
  if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && !part_->is_open())) return judge_status(attempt);
  judge_error(code, attempt);
}

void FileTransfer::conclude(Attempt& attempt) {
  attempt.resumed = resumed_;
  if (attempt.good()) {
    verify(attempt);
  } else if (part_->is_open()) {
    // What may be gone on with is kept, by a retry or by a later run.
    part_->keep(attempt.outcome == "too_large" ? std::string() : etag_);
  }
  part_.reset();
}

void FileTransfer::judge_status(Attempt& attempt) {
  const std::int64_t code = status();
  if (code == 200 || (code == 206 && resumed_)) {
    if (!body_started_ && !start_body()) {  // an empty file
      attempt = failure();
      return;
    }
    attempt.outcome = "ok";
    return;
  }
  if (code == 416 && !asked_.etag.empty()) {
    const std::optional<ContentRange> range = parse_content_range(content_range_);
    // The whole file is here already: what remains is to verify it.
    if (range && range->size == asked_.bytes && part_->open_resumed(asked_.bytes) == 0) {
      resumed_ = true;
      attempt.outcome = "ok";
      return;
    }
    part_->discard();
    attempt.outcome = "bad_range";
    attempt.detail = fmt::format("the server has nothing from byte {} on", asked_.bytes);
    attempt.again = Again::at_once;
    return;
  }
  judge_refusal(code, attempt);
}

// The size was held against Content-Length and chunks by libcurl; here the digest, and then the name.
void FileTransfer::verify(Attempt& attempt) {
  curl_off_t length = -1;
  curl_easy_getinfo(easy(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  attempt.size = part_->size();
  attempt.length_unverified = length < 0 && !ends_by_chunk_;
  attempt.digest = part_->digest();
  if (!job().sha256.empty() && attempt.digest != job().sha256) {
    attempt.outcome = "checksum";
    attempt.detail = fmt::format("sha256 is {}, {} was asked for", attempt.digest, job().sha256);
    if (!job().checksum_failed) {
      attempt.again = Again::at_once;
      part_->discard();
    } else {
      attempt.detail += fmt::format("; what came is in {}.bad", job().name);
      part_->quarantine();
    }
    job().checksum_failed = true;
    return;
  }
  int error = 0;
  switch (part_->finish(job().replace, error)) {
    case PartFile::Finish::done:
      return;
    case PartFile::Finish::occupied:
      part_->discard();
      attempt.outcome = "exists";
      attempt.detail = fmt::format("{} is there and no earlier download: move it away, or say --refresh", job().name);
      return;
    case PartFile::Finish::failed:
      fail_file(error, "finishing");
      attempt.outcome = failure().outcome;
      attempt.detail = failure().detail;
      attempt.again = failure().again;
  }
}

}  // namespace overtake::download
