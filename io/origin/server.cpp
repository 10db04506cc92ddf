// SPDX-License-Identifier: Apache-2.0
#include "io/origin/server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <optional>
#include <queue>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/file_descriptor.h"
#include "io/origin/response.h"
#include "io/origin/stream.h"
#include "io/origin/tls.h"

namespace overtake::origin {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;
constexpr std::size_t kMostHead = 65536;
constexpr std::int64_t kMostAtOnce = 262144;
constexpr std::size_t kOnePacket = 16384;

Clock::time_point in(double seconds) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(duration<double>(seconds));
}

struct Listener {
  std::string name;
  FileDescriptor socket;
  int port = 0;
  std::shared_ptr<ssl_ctx_st> tls;
};

struct Connection {
  Connection(FileDescriptor socket, ssl_ctx_st* tls, std::uint64_t given) : stream(std::move(socket), tls), id(given) {}
  Stream stream;
  std::uint64_t id;
  std::string input;
  std::unique_ptr<Response> response;
  std::string gathered;  // what `unsent` looks at where an answer was put together
  std::string_view unsent;
  bool stale = false;
  std::int64_t requests = 0;
  Clock::time_point due, began;  // no byte is sent before `due`
  double sent = 0;               // bytes of this response
  std::uint32_t watched = 0;
};

struct Timer {
  Clock::time_point due;
  std::uint64_t id;
  bool operator>(const Timer& other) const { return due > other.due; }
};

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (static_cast<unsigned char>(c) < 32 || static_cast<unsigned char>(c) > 126)
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + '"';
}

Listener listen_on(std::string name, const std::string& address, int port, std::shared_ptr<ssl_ctx_st> tls) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, address.c_str(), &place.sin_addr) != 1)
    throw UsageError(fmt::format("--address {}: an IPv4 address is needed, such as 127.0.0.1", address));
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) throw_errno("making a socket");
  const int on = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0 ||
      listen(socket.get(), 16384) != 0)
    throw UsageError(fmt::format("cannot listen on {}:{}: {}", address, port, std::strerror(errno)));
  socklen_t size = sizeof place;
  getsockname(socket.get(), reinterpret_cast<sockaddr*>(&place), &size);
  return {std::move(name), std::move(socket), ntohs(place.sin_port), std::move(tls)};
}

}  // namespace

struct Server::Impl {
  explicit Impl(ServerOptions given);
  void run(int stop_fd, int other_stop_fd);
  void accept_all(Listener& listener);
  void on_readable(Connection& connection);
  void take_requests(Connection& connection);
  void begin(Connection& connection, const Request& request);
  void log(const Connection& connection, const Request& request);
  void pump(Connection& connection);
  bool send_some(Connection& connection);
  double pause_needed(const Connection& connection) const;
  void gather(Connection& connection) const;
  void finish(Connection& connection);
  void watch(Connection& connection, std::uint32_t events);
  void sleep_until(Connection& connection, Clock::time_point due);
  void close(Connection& connection);
  void wake_due();
  int milliseconds_to_timer() const;
  std::string stats() const;

  ServerOptions options;
  std::vector<Listener> listeners;
  std::optional<File> log_file;
  FileDescriptor epoll;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers;
  RequestCounts counts;
  std::uint64_t last_id = 0;
  std::int64_t requests = 0;
  std::size_t peak = 0;
  Clock::time_point start = Clock::now();
};

Server::Impl::Impl(ServerOptions given) : options(std::move(given)), epoll(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll) throw_errno("epoll_create1");
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  if (!options.log.empty()) log_file.emplace(options.log, File::Mode::replace);
  listeners.push_back(listen_on("http", options.address, options.port, nullptr));
  if (!options.tls_dir.empty()) {
    const Authority authority;
    make_folders(options.tls_dir);
    write_file(options.tls_dir / "ca.pem", authority.pem());
    listeners.push_back(listen_on("https", options.address, 0, authority.context(Certificate::good)));
    listeners.push_back(listen_on("https_expired", options.address, 0, authority.context(Certificate::expired)));
    listeners.push_back(listen_on("https_wrong_host", options.address, 0, authority.context(Certificate::wrong_host)));
  }
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    epoll_ctl(epoll.get(), EPOLL_CTL_ADD, listeners[i].socket.get(), &event);
  }
  last_id = listeners.size();  // ids below are listeners; the next is stop_fd
}

void Server::Impl::run(int stop_fd, int other_stop_fd) {
  const std::uint64_t stop = listeners.size();
  for (const int fd : {stop_fd, other_stop_fd}) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = stop}};
    if (fd >= 0) epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event);
  }
  std::vector<epoll_event> events(1024);
  for (;;) {
    const int count = epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), milliseconds_to_timer());
    for (int i = 0; i < count; ++i) {
      const std::uint64_t id = events[i].data.u64;
      if (id == stop) return;
      if (id < stop) {
        accept_all(listeners[id]);
        continue;
      }
      const auto found = connections.find(id);
      if (found == connections.end()) continue;
      if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        on_readable(*found->second);
      else
        pump(*found->second);
    }
    wake_due();
  }
}

int Server::Impl::milliseconds_to_timer() const {
  if (timers.empty()) return -1;
  const double left = duration<double, std::milli>(timers.top().due - Clock::now()).count();
  return left <= 0 ? 0 : static_cast<int>(std::ceil(left));
}

void Server::Impl::wake_due() {
  const auto now = Clock::now();
  while (!timers.empty() && timers.top().due <= now) {
    const std::uint64_t id = timers.top().id;
    timers.pop();
    const auto found = connections.find(id);
    if (found != connections.end() && found->second->response != nullptr) pump(*found->second);
  }
}

void Server::Impl::accept_all(Listener& listener) {
  for (;;) {
    FileDescriptor socket(accept4(listener.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) return;
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::uint64_t id = ++last_id;
    auto connection = std::make_unique<Connection>(std::move(socket), listener.tls.get(), id);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = id}};
    epoll_ctl(epoll.get(), EPOLL_CTL_ADD, connection->stream.fd(), &event);
    connection->watched = EPOLLIN;
    connections.emplace(id, std::move(connection));
    peak = std::max(peak, connections.size());
  }
}

void Server::Impl::watch(Connection& connection, std::uint32_t events) {
  if (connection.watched == events) return;
  connection.watched = events;
  epoll_event event{.events = events, .data = {.u64 = connection.id}};
  epoll_ctl(epoll.get(), EPOLL_CTL_MOD, connection.stream.fd(), &event);
}

void Server::Impl::close(Connection& connection) { connections.erase(connection.id); }

void Server::Impl::on_readable(Connection& connection) {
  char buffer[16384];
  for (;;) {
    const auto [result, bytes] = connection.stream.read(buffer, sizeof buffer);
    if (result == Stream::Result::ended) return close(connection);
    if (result == Stream::Result::would_block) break;
    connection.input.append(buffer, bytes);
    if (connection.input.size() > kMostHead) return close(connection);
    if (bytes < sizeof buffer) break;
  }
  if (connection.response != nullptr)
    pump(connection);
  else
    take_requests(connection);
}

// Answers one request; those that wait in the input are taken when its answer is sent.
void Server::Impl::take_requests(Connection& connection) {
  const std::size_t end = connection.input.find("\r\n\r\n");
  if (end == std::string::npos) return;
  if (connection.stale) return close(connection);
  const std::optional<Request> request = parse_request(std::string_view(connection.input).substr(0, end + 2));
  connection.input.erase(0, end + 4);
  if (connection.input.empty()) connection.input.shrink_to_fit();
  if (!request) return close(connection);
  begin(connection, *request);
  pump(connection);
}

void Server::Impl::begin(Connection& connection, const Request& request) {
  ++requests;
  double delay = 0;
  try {
    if (request.target == "/stats") {
      connection.response = std::make_unique<Response>(200, stats(), "application/json");
    } else {
      const Behaviour behaviour = parse_target(request.target);
      const bool counted = behaviour.times >= 0 || behaviour.change_after >= 0 || behaviour.jitter > 0;
      const std::int64_t seen = counted ? counts[request.target]++ : 0;
      connection.response = std::make_unique<Response>(request, behaviour, seen);
      delay = connection.response->delay() + (connection.requests == 0 ? behaviour.connection_delay : 0);
    }
  } catch (const UsageError& error) {
    connection.response = std::make_unique<Response>(400, std::string(error.what()) + "\n", "text/plain");
  }
  ++connection.requests;
  connection.stale = connection.response->behaviour().stale;
  connection.sent = 0;
  connection.began = connection.due = in(delay);
  if (delay > 0) timers.push({connection.due, connection.id});
  if (log_file) log(connection, request);
}

void Server::Impl::log(const Connection& connection, const Request& request) {
  log_file->write(fmt::format(
      R"({{"seconds":{:.6f},"connection":{},"method":{},"target":{},"host":{},"range":{},"if_range":{},"authorization":{},"cookie":{},"status":{}}})"
      "\n",
      duration<double>(Clock::now() - start).count(), connection.id, json_text(request.method),
      json_text(request.target), json_text(request.host), json_text(request.range), json_text(request.if_range),
      json_text(request.authorization), json_text(request.cookie), connection.response->status()));
}

std::string Server::Impl::stats() const {
  return fmt::format(R"({{"requests":{},"connections":{},"open":{},"peak_open":{}}})", requests,
                     last_id - listeners.size(), connections.size(), peak);
}

// Sends until the socket is full, the answer has ended, or a rate or a drip wants a pause.
void Server::Impl::pump(Connection& connection) {
  Response& response = *connection.response;
  if (Clock::now() < connection.due) return watch(connection, EPOLLIN);
  if (response.fault() == Fault::mute) return watch(connection, EPOLLIN);
  for (;;) {
    const double pause = pause_needed(connection);
    if (pause > 0) return sleep_until(connection, in(pause));
    if (connection.unsent.empty()) {
      const Behaviour& behaviour = response.behaviour();
      const bool drips = behaviour.drip_head > 0 || (behaviour.drip > 0 && !response.in_head());
      std::int64_t most = drips ? 1 : kMostAtOnce;
      if (behaviour.rate > 0) most = std::clamp<std::int64_t>(static_cast<std::int64_t>(behaviour.rate / 50), 1, most);
      connection.unsent = response.next(most);
      if (connection.unsent.empty()) return finish(connection);
      if (most > static_cast<std::int64_t>(kOnePacket) && connection.unsent.size() < kOnePacket) gather(connection);
    }
    if (!send_some(connection)) return;
  }
}

// Seconds until the next byte may go; 0: now.
double Server::Impl::pause_needed(const Connection& connection) const {
  const Behaviour& behaviour = connection.response->behaviour();
  double per_byte = behaviour.rate > 0 ? 1 / behaviour.rate : 0;
  if (behaviour.drip_head > 0) per_byte = behaviour.drip_head;
  if (behaviour.drip > 0 && !connection.response->in_head()) per_byte = behaviour.drip;
  if (per_byte <= 0) return 0;
  return connection.sent * per_byte - duration<double>(Clock::now() - connection.began).count();
}

// Head and body of a small answer go out together: a system call and a packet instead of three.
void Server::Impl::gather(Connection& connection) const {
  connection.gathered.assign(connection.unsent);
  while (connection.gathered.size() < kOnePacket) {
    const auto room = static_cast<std::int64_t>(kOnePacket - connection.gathered.size());
    const std::string_view part = connection.response->next(room);
    if (part.empty()) break;
    connection.gathered += part;
  }
  connection.unsent = connection.gathered;
}

void Server::Impl::sleep_until(Connection& connection, Clock::time_point due) {
  connection.due = due;
  timers.push({due, connection.id});
  watch(connection, EPOLLIN);
}

// False: nothing more can be done with this connection now (it may be gone).
bool Server::Impl::send_some(Connection& connection) {
  const auto [result, bytes] = connection.stream.write(connection.unsent);
  if (result == Stream::Result::ended) {
    close(connection);
    return false;
  }
  if (result == Stream::Result::would_block) {
    watch(connection, EPOLLIN | EPOLLOUT);
    return false;
  }
  connection.unsent.remove_prefix(bytes);
  connection.sent += static_cast<double>(bytes);
  return true;
}

void Server::Impl::finish(Connection& connection) {
  const Fault fault = connection.response->fault();
  if (fault == Fault::silence) return watch(connection, EPOLLIN);
  if (fault == Fault::reset) connection.stream.reset_on_close();
  if (fault != Fault::none || connection.response->closes()) return close(connection);
  connection.response.reset();
  std::string().swap(connection.gathered);
  watch(connection, EPOLLIN);
  take_requests(connection);
}

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() = default;
int Server::port() const { return impl_->listeners.front().port; }
void Server::run(int stop_fd, int other_stop_fd) { impl_->run(stop_fd, other_stop_fd); }

std::string Server::addresses() const {
  std::string out = "{";
  for (const Listener& listener : impl_->listeners)
    out += fmt::format("{}\"{}\":\"{}://{}:{}\"", out.size() > 1 ? "," : "", listener.name,
                       listener.tls == nullptr ? "http" : "https", impl_->options.address, listener.port);
  if (!impl_->options.tls_dir.empty())
    out += fmt::format(",\"ca\":{}", json_text((impl_->options.tls_dir / "ca.pem").string()));
  return out + "}";
}

}  // namespace overtake::origin
