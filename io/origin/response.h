// SPDX-License-Identifier: Apache-2.0
// One request and the plan of its answer: the head, which bytes of the body, and what goes wrong on the way. The
// server asks it for the next bytes to send; it knows nothing of sockets.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "io/origin/behaviour.h"
#include "io/origin/content.h"

namespace overtake::origin {

struct Request {
  std::string method, target, host, range, if_range, authorization, cookie, accept_encoding;
  bool keep_alive = true;
};

/// Reads a request's head, up to and including the empty line. nullopt: no HTTP/1.x request.
std::optional<Request> parse_request(std::string_view head);

/// How many requests there were for each URL: what `times` and `change_after` count.
using RequestCounts = std::map<std::string, std::int64_t, std::less<>>;

class Response {
 public:
  /// `seen`: earlier requests for this URL.
  Response(const Request&, const Behaviour&, std::int64_t seen);
  /// A short answer of the origin's own (400, /stats).
  Response(int status, std::string_view body, std::string_view type);

  /// The next bytes to send, at most `most`; empty: all is sent. Valid until the next call.
  std::string_view next(std::int64_t most);

  int status() const { return status_; }
  double delay() const { return delay_; }
  const Behaviour& behaviour() const { return behaviour_; }
  bool closes() const { return closes_; }
  /// What happens when next() has nothing more to give.
  Fault fault() const { return fault_; }
  bool in_head() const { return !head_.empty() && sent_of_head_ < head_.size(); }

 private:
  void plan_redirect(std::string location);
  void plan_error(int status);
  void plan_file(const Request&, std::int64_t version, std::string_view path);
  bool plan_range(const Request&, std::string_view etag);
  void add_body_headers();
  std::string_view next_of_body(std::int64_t most);

  Behaviour behaviour_;
  Fault fault_ = Fault::none;
  int status_ = 200;
  double delay_ = 0;
  bool closes_ = false, body_wanted_ = true;
  std::string head_, literal_, frame_;
  std::size_t sent_of_head_ = 0, sent_of_frame_ = 0;
  Content content_{0, 0};
  bool use_literal_ = false, chunked_ = false, ended_ = false;
  std::int64_t from_ = 0, to_ = 0;  // of the content or the literal, to be sent
  std::int64_t fault_at_ = -1;      // bytes of the body still to be sent before the fault; negative: no such limit
};

}  // namespace overtake::origin
