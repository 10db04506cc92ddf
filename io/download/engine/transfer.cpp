// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/transfer.h"

#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

#include "io/download/engine/headers.h"

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
    return guarded(
        self,
        [&] {
          static_cast<Transfer*>(self)->on_header({data, size});
          return size;
        },
        0);
  }
  static std::size_t body(char* data, std::size_t, std::size_t size, void* self) {
    return guarded(
        self,
        [&] {
          static_cast<Transfer*>(self)->received_ += static_cast<std::int64_t>(size);
          return static_cast<Transfer*>(self)->on_body(data, size);
        },
        0);
  }
  static curl_socket_t socket(void* self, curlsocktype, curl_sockaddr* address) {
    return guarded(self, [&] { return static_cast<Transfer*>(self)->on_socket(address); }, CURL_SOCKET_BAD);
  }
  static int progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return guarded(self, [&] { return static_cast<Transfer*>(self)->on_progress(); }, 1);
  }
};

namespace {

long milliseconds(double seconds) { return static_cast<long>(seconds * 1e3); }

// Large reads for few transfers, small ones where there are thousands: libcurl keeps a buffer for each handle.
long buffer_size(int in_flight) {
  if (in_flight <= 64) return 262144;
  return in_flight <= 512 ? 65536 : in_flight <= 2048 ? 16384 : 4096;
}

double seconds_of(CURL* easy, CURLINFO info) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, info, &microseconds);
  return static_cast<double>(microseconds) / 1e6;
}

}  // namespace

bool begins_with_word(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' &&
         std::equal(name.begin(), name.end(), line.begin(), [](char a, char b) { return a == (b | 32); });
}

void append(HeaderList& list, const std::string& header) {
  curl_slist* const longer = curl_slist_append(list.get(), header.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  if (list == nullptr) list.reset(longer);  // otherwise the head of the list is the same
}

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
  for (const std::string& header : options.headers) append(own_headers_, header);
  if (own_headers_ != nullptr) set(easy, CURLOPT_HTTPHEADER, own_headers_.get());
  if (share != nullptr) set(easy, CURLOPT_SHARE, share);
}

void Transfer::begin(Job job) {
  job_ = std::move(job);
  ++job_.attempts;
  failed_.reset();
  refused_address_ = no_descriptors_ = out_of_memory_ = false;
  received_ = 0;
  retry_after_.clear();
  error_[0] = '\0';
  set(easy_.get(), CURLOPT_URL, job_.url.c_str());
  prepare();
}

bool Transfer::fail(const char* outcome, std::string detail, Again again) {
  failed_.emplace();
  failed_->outcome = outcome;
  failed_->detail = std::move(detail);
  failed_->again = again;
  return false;
}

void Transfer::on_header(std::string_view line) {
  if (line.starts_with("HTTP/"))
    retry_after_.clear();
  else if (begins_with_word(line, "retry-after"))
    retry_after_ = trimmed(line.substr(12));
}

std::int64_t Transfer::status() const {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
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
