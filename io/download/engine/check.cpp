// SPDX-License-Identifier: Apache-2.0
// `overtake do check`: what each URL answers, without its body.
#include <fmt/format.h>

#include <mutex>
#include <thread>
#include <vector>

#include "io/download/download.h"
#include "io/download/engine/address.h"
#include "io/download/engine/curl_check.h"
#include "io/download/engine/headers.h"
#include "io/download/engine/list.h"
#include "io/download/engine/report.h"
#include "io/download/engine/session.h"

namespace overtake::download {
namespace {

// One thread's handle and what its request has brought so far.
struct Probe {
  Probe(const Options& options, const AllowList& allow_list);
  CURLcode ask(const std::string& url, bool head);

  const AllowList& allowed;
  Easy easy{curl_easy_init()};
  std::vector<std::string> redirects;
  bool refused = false;
};

std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) {
  const std::string_view line(data, size);
  constexpr std::string_view kLocation = "location:";
  bool same = line.size() > kLocation.size();
  for (std::size_t i = 0; same && i < kLocation.size(); ++i) same = (line[i] | 32) == (kLocation[i] | 32);
  if (same) static_cast<Probe*>(self)->redirects.emplace_back(trimmed(line.substr(kLocation.size())));
  return size;
}

// The first byte is enough: whatever more a server sends ends the transfer.
std::size_t on_body(char*, std::size_t, std::size_t size, void*) { return size <= 1 ? size : 0; }

curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& probe = *static_cast<Probe*>(self);
  if (!probe.allowed.permits(address->addr)) {
    probe.refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

Probe::Probe(const Options& options, const AllowList& allow_list) : allowed(allow_list) {
  if (easy == nullptr) throw std::bad_alloc();
  CURL* const handle = easy.get();
  const auto set = [&](CURLoption option, auto value) { OVERTAKE_CURL(curl_easy_setopt(handle, option, value)); };
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, 5L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_USERAGENT, "overtake");
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout * 1e3));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>((options.connect_timeout + options.first_byte_timeout) * 1e3));
  set(CURLOPT_HEADERFUNCTION, on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_OPENSOCKETFUNCTION, on_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
}

CURLcode Probe::ask(const std::string& url, bool head) {
  CURL* const handle = easy.get();
  redirects.clear();
  refused = false;
  OVERTAKE_CURL(curl_easy_setopt(handle, CURLOPT_URL, url.c_str()));
  if (head) {
    OVERTAKE_CURL(curl_easy_setopt(handle, CURLOPT_NOBODY, 1L));
    OVERTAKE_CURL(curl_easy_setopt(handle, CURLOPT_RANGE, static_cast<char*>(nullptr)));
  } else {
    OVERTAKE_CURL(curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L));
    OVERTAKE_CURL(curl_easy_setopt(handle, CURLOPT_RANGE, "0-0"));
  }
  return curl_easy_perform(handle);
}

std::string_view word(CURLcode code, bool refused) {
  if (refused) return "forbidden_address";
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "dns";
    case CURLE_COULDNT_CONNECT:
      return "refused";
    case CURLE_OPERATION_TIMEDOUT:
      return "timeout";
    case CURLE_TOO_MANY_REDIRECTS:
      return "too_many_redirects";
    case CURLE_UNSUPPORTED_PROTOCOL:
      return "forbidden_scheme";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
      return "tls";
    default:
      return "failed";
  }
}

struct Answer {
  std::string row;
  bool failed = false;
};

Answer look_at(Probe& probe, const Entry& entry) {
  long status = 0;
  CURLcode code = probe.ask(entry.url, true);
  curl_easy_getinfo(probe.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  bool by_get = false;
  // Servers that refuse HEAD say so in many ways; a 404 to HEAD is believed.
  const bool refuses_head = code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || status == 400 || status == 403 ||
                            status == 405 || status == 500 || status == 501;
  if (refuses_head && !probe.refused) {
    by_get = true;
    code = probe.ask(entry.url, false);
    curl_easy_getinfo(probe.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_WRITE_ERROR) code = CURLE_OK;
  }
  double seconds = 0;
  curl_easy_getinfo(probe.easy.get(), CURLINFO_TOTAL_TIME, &seconds);
  Answer out{.row = {}, .failed = code != CURLE_OK};
  const std::string outcome = out.failed                                   ? std::string(word(code, probe.refused))
                              : status == 200 || (by_get && status == 206) ? "ok"
                                                                           : fmt::format("http_{}", status);
  out.row = fmt::format(R"({{"line":{},"url":{},"outcome":"{}","status":{},"method":"{}","redirects":[)", entry.line,
                        json_string(entry.url), outcome, status, by_get ? "GET" : "HEAD");
  for (std::size_t i = 0; i < probe.redirects.size(); ++i)
    out.row += (i > 0 ? "," : "") + json_string(probe.redirects[i]);
  out.row += fmt::format("],\"seconds\":{:.6f}", seconds);
  if (out.failed) out.row += fmt::format(",\"detail\":{}", json_string(curl_easy_strerror(code)));
  out.row += "}\n";
  return out;
}

}  // namespace

Status check_list(std::istream& list, const Options& options) {
  start_curl();
  catch_interrupts();
  const AllowList allowed(options.allow_private);
  ListReader reader(list);
  std::mutex mutex;
  bool failed = false, lost = false;
  const auto work = [&] {
    Probe probe(options, allowed);
    for (;;) {
      std::optional<Entry> entry;
      {
        const std::scoped_lock lock(mutex);
        if (lost || interrupts() > 0) return;
        entry = reader.next();
      }
      if (!entry) return;
      Answer answer;
      if (entry->error.empty())
        answer = look_at(probe, *entry);
      else
        answer = {fmt::format("{{\"line\":{},\"url\":{},\"outcome\":\"bad_line\",\"detail\":{}}}\n", entry->line,
                              json_string(entry->url), json_string(entry->error)),
                  true};
      const std::scoped_lock lock(mutex);
      failed = failed || answer.failed;
      lost = lost || std::fwrite(answer.row.data(), 1, answer.row.size(), stdout) != answer.row.size() ||
             std::fflush(stdout) != 0;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < options.in_flight; ++i) threads.emplace_back(work);
  }
  if (lost) throw std::runtime_error("stdout was closed");
  if (interrupts() > 0) return Status::interrupted;
  return failed ? Status::failure : Status::good;
}

}  // namespace overtake::download
