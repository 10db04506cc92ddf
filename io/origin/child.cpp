// SPDX-License-Identifier: Apache-2.0
#include "io/origin/child.h"

#include <fmt/format.h>
#include <signal.h>

#include <memory>
#include <stdexcept>

#include "core/pool/spawn.h"
#include "io/origin/list.h"
#include "io/origin/server.h"

namespace overtake::origin {
namespace {

enum Message : std::uint32_t { kList = 1, kListed };

// A request is "FILES SIZE QUERY", its answer the list.
std::string answer(const Server& server, const std::string& request) {
  const std::size_t first = request.find(' '), second = request.find(' ', first + 1);
  return list_text(fmt::format("http://127.0.0.1:{}", server.port()), std::stoll(request.substr(0, first)),
                   request.substr(first + 1, second - first - 1), request.substr(second + 1));
}

int run_origin(Channel& parent) {
  signal(SIGPIPE, SIG_IGN);
  Server server({});
  for (;;) {
    server.run(parent.fd());
    const std::optional<overtake::Message> request = parent.receive();
    if (!request) return 0;
    parent.send(kListed, to_bytes(answer(server, from_bytes<std::string>(request->bytes))));
  }
}

[[maybe_unused]] const bool kKnown = register_child_kind("origin", run_origin);

}  // namespace

std::string served_list(std::int64_t files, const std::string& size, const std::string& query) {
  static std::unique_ptr<Child> child;
  if (child == nullptr || child->has_ended()) {
    child = std::make_unique<Child>(Child::start("origin", false));
    child->await_ready();
  }
  child->channel().send(kList, to_bytes(fmt::format("{} {} {}", files, size, query)));
  const std::optional<overtake::Message> listed = child->channel().receive();
  if (!listed) throw std::runtime_error("the origin " + child->end().describe());
  return from_bytes<std::string>(listed->bytes);
}

}  // namespace overtake::origin
