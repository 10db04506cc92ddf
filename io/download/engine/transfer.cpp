// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/transfer.h"

#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <mutex>

#include "io/download/engine/names.h"

namespace overtake::download {

// What libcurl calls; each finds its transfer.
struct Callbacks {
  // No exception may pass through libcurl's C.
  template <class Work>
  static auto guarded(void* self, Work work, decltype(work()) otherwise) noexcept {
    auto& transfer = *static_cast<Transfer*>(self);
    try {
      return work();
    } catch (...) {
      transfer.out_of_memory_ = true;
      return otherwise;
    }
  }
  static std::size_t header(char* data, std::size_t, std::size_t size, void* self) {
    return guarded(self, [&] { return static_cast<Transfer*>(self)->on_header({data, size}); }, 0);
  }
  static std::size_t body(char* data, std::size_t, std::size_t size, void* self) {
    return guarded(self, [&] { return static_cast<Transfer*>(self)->on_body(data, size); }, 0);
  }
  static curl_socket_t socket(void* self, curlsocktype, curl_sockaddr* address) {
    return guarded(self, [&] { return static_cast<Transfer*>(self)->on_socket(address); }, CURL_SOCKET_BAD);
  }
  static int progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return guarded(self, [&] { return static_cast<Transfer*>(self)->on_progress(); }, 1);
  }
};

namespace {

constexpr std::int64_t kNoteEtagFrom = 1 << 18;   // smaller files are not worth a file beside them
constexpr std::int64_t kMostErrorBody = 1 << 20;  // of an answer that is not the file

long milliseconds(double seconds) { return static_cast<long>(seconds * 1e3); }

template <class T>
void set(CURL* easy, CURLoption option, T value) {
  OVERTAKE_CURL(curl_easy_setopt(easy, option, value));
}

// Large reads for few transfers, small ones where there are thousands: libcurl keeps a buffer for each handle.
long buffer_size(int in_flight) {
  if (in_flight <= 64) return 262144;
  return in_flight <= 512 ? 65536 : in_flight <= 2048 ? 16384 : 4096;
}

bool begins_with_word(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' &&
         std::equal(name.begin(), name.end(), line.begin(), [](char a, char b) { return a == (b | 32); });
}

double seconds_of(CURL* easy, CURLINFO info) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, info, &microseconds);
  return static_cast<double>(microseconds) / 1e6;
}

}  // namespace

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] {
    OVERTAKE_CURL(curl_global_init(CURL_GLOBAL_DEFAULT));
    signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets whose peer is gone
  });
}

void keep_freed_memory() {
  constexpr int kMost = 1 << 26;
  mallopt(M_MMAP_THRESHOLD, kMost / 2);
  mallopt(M_TRIM_THRESHOLD, kMost);
}

Transfer::Transfer(Context& context, CURLSH* share) : context_(context), easy_(curl_easy_init()) {
  if (easy_ == nullptr) throw std::bad_alloc();
  CURL* const easy = easy_.get();
  const Options& options = context.options;
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 1L);
  set(easy, CURLOPT_MAXREDIRS, 5L);
  // A proxy would connect in our place, and could not be held to the addresses that are allowed.
  set(easy, CURLOPT_PROXY, "");
  set(easy, CURLOPT_USERAGENT, "overtake");
  set(easy, CURLOPT_ERRORBUFFER, static_cast<char*>(error_));
  set(easy, CURLOPT_BUFFERSIZE, buffer_size(options.in_flight));
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(options.connect_timeout));
  set(easy, CURLOPT_TIMEOUT_MS, milliseconds(options.total_timeout));
  set(easy, CURLOPT_HEADERFUNCTION, Callbacks::header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(easy, CURLOPT_WRITEFUNCTION, Callbacks::body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(easy, CURLOPT_OPENSOCKETFUNCTION, Callbacks::socket);
  set(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(easy, CURLOPT_XFERINFOFUNCTION, Callbacks::progress);
  set(easy, CURLOPT_XFERINFODATA, static_cast<void*>(this));
  set(easy, CURLOPT_NOPROGRESS, 0L);
  set(easy, CURLOPT_PRIVATE, static_cast<void*>(this));
  if (options.low_speed_time > 0) {
    set(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(options.low_speed));
    set(easy, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(options.low_speed_time)));
  }
  if (options.compressed) set(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  if (!options.ca_file.empty()) set(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  for (const std::string& header : options.headers)
    own_headers_.reset(curl_slist_append(own_headers_.release(), header.c_str()));
  if (own_headers_ != nullptr) set(easy, CURLOPT_HTTPHEADER, own_headers_.get());
  if (share != nullptr) set(easy, CURLOPT_SHARE, share);
}

void Transfer::begin(Job job) {
  job_ = std::move(job);
  ++job_.attempts;
  part_.reset();
  part_.emplace(context_.folder, job_.url, job_.name, context_.options.digest || !job_.sha256.empty());
  failed_.reset();
  asked_ = {};
  body_started_ = refused_address_ = no_descriptors_ = resumed_ = ends_by_chunk_ = out_of_memory_ = false;
  received_ = 0;
  etag_.clear();
  content_range_.clear();
  retry_after_.clear();
  error_[0] = '\0';
  set(easy_.get(), CURLOPT_URL, job_.url.c_str());
  set_range();
}

// Only with a strong tag and If-Range: the server sends the whole file where it is another by now. CURLOPT_RANGE and
// not CURLOPT_RESUME_FROM, which makes an error of that answer.
void Transfer::set_range() {
  const bool possible = (job_.attempts > 1 || !context_.folder.was_empty()) && !context_.options.compressed;
  if (possible) asked_ = part_->resumable();
  if (asked_.etag.empty() && range_headers_ == nullptr) return;
  CURL* const easy = easy_.get();
  HeaderList headers;
  if (!asked_.etag.empty()) {
    for (const std::string& header : context_.options.headers)
      headers.reset(curl_slist_append(headers.release(), header.c_str()));
    headers.reset(curl_slist_append(headers.release(), ("If-Range: " + asked_.etag).c_str()));
    set(easy, CURLOPT_RANGE, fmt::format("{}-", asked_.bytes).c_str());
    set(easy, CURLOPT_HTTPHEADER, headers.get());
  } else {
    set(easy, CURLOPT_RANGE, static_cast<char*>(nullptr));
    set(easy, CURLOPT_HTTPHEADER, own_headers_.get());
  }
  range_headers_ = std::move(headers);
}

// False, so that a callback can return what makes libcurl stop.
bool Transfer::fail(const char* outcome, std::string detail, Again again) {
  failed_.emplace();
  failed_->outcome = outcome;
  failed_->detail = std::move(detail);
  failed_->again = again;
  return false;
}

bool Transfer::fail_file(int error, const char* what) {
  const std::string detail = fmt::format("{} {}: {}", what, job_.name, std::strerror(error));
  if (error == ENOSPC || error == EDQUOT) return fail("disk_full", detail);
  if (error == EMFILE || error == ENFILE) return fail("too_many_files", detail, Again::after_backoff);
  return fail("cannot_write", detail);
}

std::size_t Transfer::on_header(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    etag_.clear();
    content_range_.clear();
    retry_after_.clear();
    ends_by_chunk_ = false;
  } else if (begins_with_word(line, "transfer-encoding")) {
    ends_by_chunk_ = line.find("chunked") != std::string_view::npos;
  } else if (begins_with_word(line, "etag")) {
    etag_ = strong_etag(line.substr(5));
  } else if (begins_with_word(line, "content-range")) {
    content_range_ = trimmed(line.substr(14));
  } else if (begins_with_word(line, "retry-after")) {
    retry_after_ = trimmed(line.substr(12));
  }
  return line.size();
}

std::size_t Transfer::on_body(const char* data, std::size_t size) {
  received_ += static_cast<std::int64_t>(size);
  if (!body_started_ && !start_body()) return 0;
  if (!part_->is_open()) return received_ > kMostErrorBody ? 0 : size;  // the body of an error
  const std::int64_t limit = context_.options.max_size;
  if (limit > 0 && part_->size() + static_cast<std::int64_t>(size) > limit) {
    fail("too_large", fmt::format("more than {} bytes came (--max-size)", limit));
    return 0;
  }
  const int error = part_->write(data, size);
  if (error != 0) return fail_file(error, "writing") ? size : 0;
  return size;
}

// The file is made when its first byte is here, so that thousands that wait cost no descriptor.
bool Transfer::start_body() {
  body_started_ = true;
  long status = 0;
  curl_off_t length = -1;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (status == 206 && !asked_.etag.empty()) return start_partial();
  if (status != 200) return true;
  const std::int64_t limit = context_.options.max_size;
  if (limit > 0 && length > limit)
    return fail("too_large", fmt::format("{} bytes are more than {} (--max-size)", length, limit));
  int error = part_->open_fresh();
  if (error != 0) return fail_file(error, "making");
  if (length >= kNoteEtagFrom && !etag_.empty()) error = part_->note_etag(etag_);
  return error == 0 || fail_file(error, "making");
}

bool Transfer::start_partial() {
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

int Transfer::on_socket(const curl_sockaddr* address) {
  if (!context_.allowed.permits(address->addr)) {
    refused_address_ = true;
    refused_ = to_string(address->addr);
    return CURL_SOCKET_BAD;
  }
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0 && (errno == EMFILE || errno == ENFILE)) no_descriptors_ = true;
  return fd < 0 ? CURL_SOCKET_BAD : fd;
}

// libcurl hands over a header when its line is complete; its clock tells of the first byte.
bool Transfer::answered() const { return seconds_of(easy_.get(), CURLINFO_STARTTRANSFER_TIME_T) > 0; }

int Transfer::on_progress() {
  if (context_.heartbeat) context_.heartbeat();
  if (context_.abort != nullptr && context_.abort->load(std::memory_order_relaxed)) {
    if (!failed_) fail("stopped", "ended before it was complete");
    return 1;
  }
  const double limit = context_.options.first_byte_timeout;
  if (limit > 0 && !answered() && seconds_of(easy_.get(), CURLINFO_CONNECT_TIME_T) > 0 &&
      seconds_of(easy_.get(), CURLINFO_TOTAL_TIME_T) > limit) {
    fail("first_byte_timeout", fmt::format("no answer in {} s", limit), Again::after_backoff);
    return 1;
  }
  return 0;
}

}  // namespace overtake::download
