// SPDX-License-Identifier: Apache-2.0
#include "io/origin/response.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "core/random.h"

namespace overtake::origin {
namespace {

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 206:
      return "Partial Content";
    case 404:
      return "Not Found";
    case 416:
      return "Range Not Satisfiable";
    default:
      return "Status";
  }
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x | 32) == (y | 32); });
}

// Level 9: zeros become a thousandth, which is what a bomb is.
std::string gzipped(const Behaviour& behaviour, const Content& content) {
  constexpr int kGzipFormat = 15 + 16;
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, kGzipFormat, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib cannot start");
  const std::string zeros(65536, '\0');
  std::string out;
  char buffer[65536];
  for (std::int64_t at = 0; at <= content.size();) {
    const bool last = at == content.size();
    const std::string_view part =
        behaviour.zeros ? std::string_view(zeros).substr(
                              0, static_cast<std::size_t>(std::min<std::int64_t>(65536, content.size() - at)))
                        : content.bytes(at, 65536);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream.avail_in = static_cast<uInt>(part.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(buffer);
      stream.avail_out = sizeof buffer;
      deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
      out.append(buffer, sizeof buffer - stream.avail_out);
    } while (stream.avail_out == 0);
    if (last) break;
    at += static_cast<std::int64_t>(part.size());
  }
  deflateEnd(&stream);
  return out;
}

// "bytes=FROM-" or "bytes=FROM-TO"; other forms are ignored, as a server may.
std::optional<std::pair<std::int64_t, std::int64_t>> parse_range(std::string_view text, std::int64_t size) {
  if (!text.starts_with("bytes=")) return std::nullopt;
  text.remove_prefix(6);
  std::int64_t from = 0, last = size - 1;
  const auto [dash, error] = std::from_chars(text.data(), text.data() + text.size(), from);
  if (error != std::errc() || dash == text.data() + text.size() || *dash != '-') return std::nullopt;
  const char* const end = text.data() + text.size();
  if (dash + 1 != end && std::from_chars(dash + 1, end, last).ptr != end) return std::nullopt;
  return std::pair{from, std::min(last, size - 1) + 1};
}

}  // namespace

std::optional<Request> parse_request(std::string_view head) {
  Request request;
  const std::size_t end = head.find("\r\n");
  const std::string_view line = head.substr(0, end);
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || last == first || !line.substr(last + 1).starts_with("HTTP/1."))
    return std::nullopt;
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, last - first - 1);
  request.keep_alive = line.ends_with("1.1");
  const std::pair<std::string_view, std::string*> wanted[] = {
      {"host", &request.host},         {"range", &request.range},
      {"if-range", &request.if_range}, {"authorization", &request.authorization},
      {"cookie", &request.cookie},     {"accept-encoding", &request.accept_encoding}};
  for (std::size_t at = end + 2; at < head.size();) {
    const std::size_t stop = std::min(head.find("\r\n", at), head.size());
    const std::string_view header = head.substr(at, stop - at);
    at = stop + 2;
    const std::size_t colon = header.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view value = header.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    for (const auto& [name, into] : wanted)
      if (same_name(header.substr(0, colon), name)) *into = value;
    if (same_name(header.substr(0, colon), "connection")) request.keep_alive = !same_name(value, "close");
  }
  return request;
}

Response::Response(int status, std::string_view body, std::string_view type) : status_(status), literal_(body) {
  use_literal_ = true;
  to_ = static_cast<std::int64_t>(literal_.size());
  head_ = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n", status, reason(status), type,
                      literal_.size());
}

Response::Response(const Request& request, const Behaviour& behaviour, std::int64_t seen) : behaviour_(behaviour) {
  const bool good = behaviour_.times >= 0 && seen >= behaviour_.times;
  if (good) {
    behaviour_.status = 200;
    behaviour_.redirect.clear();
    behaviour_.fault = Fault::none;
    behaviour_.final_chunk = true;
    behaviour_.length = -1;
    behaviour_.drip = behaviour_.drip_head = behaviour_.rate = 0;
  }
  body_wanted_ = request.method == "GET";
  closes_ = !request.keep_alive;
  const std::string_view target = request.target, path = target.substr(0, target.find('?'));
  delay_ = behaviour_.delay;
  if (behaviour_.jitter > 0)
    delay_ += behaviour_.jitter *
              RandomStream(Seed{behaviour_.seed}, content_key(path, 0, 0)).uniform(static_cast<std::uint64_t>(seen));
  fault_ = behaviour_.fault;
  if (fault_ == Fault::mute || fault_ == Fault::hang_up) {
    status_ = 0;
    ended_ = true;
    return;
  }
  if (behaviour_.hops > 0) {
    std::string next(target);
    const std::size_t hops = next.find("hops=");
    const std::size_t stop = std::min(next.find('&', hops), next.size());
    next.replace(hops, stop - hops, fmt::format("hops={}", behaviour_.hops - 1));
    plan_redirect(std::move(next));
  } else if (!behaviour_.redirect.empty()) {
    plan_redirect(behaviour_.redirect);
  } else if (behaviour_.status != 200) {
    plan_error(behaviour_.status);
  } else {
    plan_file(request, behaviour_.change_after >= 0 && seen >= behaviour_.change_after ? 2 : 1, path);
  }
  for (const std::string& header : behaviour_.headers) head_ += header + "\r\n";
  head_ += "\r\n";
  if (fault_ != Fault::none) fault_at_ = behaviour_.at;
}

void Response::plan_redirect(std::string location) {
  status_ = behaviour_.redirect_status;
  head_ = fmt::format("HTTP/1.1 {} Found\r\nLocation: {}\r\nContent-Length: 0\r\n", status_, location);
}

void Response::plan_error(int status) {
  status_ = status;
  use_literal_ = true;
  literal_ = fmt::format("<h1>{}</h1>\n", status);
  to_ = static_cast<std::int64_t>(literal_.size());
  head_ = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: text/html\r\nContent-Length: {}\r\n", status, reason(status),
                      literal_.size());
  if (!behaviour_.retry_after.empty()) head_ += fmt::format("Retry-After: {}\r\n", behaviour_.retry_after);
}

void Response::plan_file(const Request& request, std::int64_t version, std::string_view path) {
  const std::uint64_t key = content_key(path, behaviour_.seed, version);
  content_ = Content(key, behaviour_.size);
  to_ = content_.size();
  if (behaviour_.encoding == Encoding::gzip) {
    use_literal_ = true;
    literal_ = gzipped(behaviour_, content_);
    to_ = static_cast<std::int64_t>(literal_.size());
  } else if (behaviour_.zeros) {
    use_literal_ = true;
    literal_.assign(static_cast<std::size_t>(behaviour_.size), '\0');
  }
  const std::string etag = fmt::format("\"{:016x}\"", key);
  const bool partial = plan_range(request, etag);
  if (status_ == 416) return;
  status_ = partial ? 206 : 200;
  std::string range_header;
  if (partial) {
    const std::int64_t said = behaviour_.ranges == Ranges::wrong ? from_ / 2 : from_;
    range_header = fmt::format("Content-Range: bytes {}-{}/{}\r\n", said, to_ - 1, behaviour_.size);
    if (behaviour_.ranges == Ranges::wrong) from_ = said;
  }
  head_ = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: application/octet-stream\r\n{}", status_, reason(status_),
                      range_header);
  if (behaviour_.etag != Etag::none)
    head_ += fmt::format("ETag: {}{}\r\n", behaviour_.etag == Etag::weak ? "W/" : "", etag);
  if (behaviour_.ranges != Ranges::ignored) head_ += "Accept-Ranges: bytes\r\n";
  add_body_headers();
}

// Sets from_ and to_ where the request's range is to be served.
bool Response::plan_range(const Request& request, std::string_view etag) {
  if (request.range.empty() || behaviour_.ranges == Ranges::ignored || use_literal_) return false;
  if (!request.if_range.empty() && request.if_range != etag) return false;
  const auto range = parse_range(request.range, content_.size());
  if (!range) return false;
  if (behaviour_.ranges == Ranges::unsatisfiable || range->first >= content_.size()) {
    plan_error(416);
    head_ += fmt::format("Content-Range: bytes */{}\r\n", content_.size());
    return false;
  }
  from_ = range->first;
  to_ = range->second;
  return true;
}

void Response::add_body_headers() {
  if (behaviour_.encoding == Encoding::gzip) head_ += "Content-Encoding: gzip\r\n";
  if (behaviour_.encoding == Encoding::chunked) {
    head_ += "Transfer-Encoding: chunked\r\n";
    chunked_ = true;
    closes_ = closes_ || !behaviour_.final_chunk;
  } else if (behaviour_.encoding == Encoding::until_close) {
    head_ += "Connection: close\r\n";
    closes_ = true;
  } else {
    head_ += fmt::format("Content-Length: {}\r\n", behaviour_.length >= 0 ? behaviour_.length : to_ - from_);
    closes_ = closes_ || behaviour_.length > to_ - from_;
  }
}

std::string_view Response::next(std::int64_t most) {
  if (sent_of_head_ < head_.size()) {
    const std::string_view part =
        std::string_view(head_).substr(sent_of_head_, static_cast<std::size_t>(std::max<std::int64_t>(most, 1)));
    sent_of_head_ += part.size();
    return part;
  }
  if (!body_wanted_ || ended_) return {};
  if (!chunked_) return next_of_body(most);
  if (sent_of_frame_ == frame_.size()) {
    const std::string_view body = next_of_body(std::max<std::int64_t>(1, std::min<std::int64_t>(most, 16384)));
    sent_of_frame_ = 0;
    if (!body.empty()) {
      frame_ = fmt::format("{:x}\r\n{}\r\n", body.size(), body);
    } else {
      ended_ = true;
      frame_ = fault_at_ < 0 && behaviour_.final_chunk ? "0\r\n\r\n" : "";
    }
  }
  const std::string_view part =
      std::string_view(frame_).substr(sent_of_frame_, static_cast<std::size_t>(std::max<std::int64_t>(most, 1)));
  sent_of_frame_ += part.size();
  return part;
}

std::string_view Response::next_of_body(std::int64_t most) {
  most = std::min(most, to_ - from_);
  if (fault_at_ >= 0) most = std::min(most, fault_at_);
  if (most <= 0) return {};
  const std::string_view part =
      use_literal_ ? std::string_view(literal_).substr(static_cast<std::size_t>(from_), static_cast<std::size_t>(most))
                   : content_.bytes(from_, most);
  from_ += static_cast<std::int64_t>(part.size());
  if (fault_at_ >= 0) fault_at_ -= static_cast<std::int64_t>(part.size());
  return part;
}

}  // namespace overtake::origin
