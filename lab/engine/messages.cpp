// SPDX-License-Identifier: Apache-2.0
#include "lab/engine/messages.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>
#include <stdexcept>
#include <vector>

#include "core/error.h"
#include "core/memory/arena.h"
#include "core/pool/bytes.h"
#include "core/pool/channel.h"
#include "core/pool/spawn.h"
#include "lab/engine/crew.h"

namespace overtake::lab {
namespace {

using Clock = std::chrono::steady_clock;
using Words = std::span<std::uint64_t>;

constexpr std::uint32_t kSetup = 1, kOrder = 2, kReady = 3;

struct Order {
  Way way;
  std::uint64_t words;
  std::int64_t times;
};

void read_all(int fd, void* to, std::size_t bytes) {
  for (auto* at = static_cast<std::byte*>(to); bytes > 0;) {
    const ssize_t count = ::read(fd, at, bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("reading a message");
    if (count == 0) throw PeerGone("the process at the other end of a pipe or socket is gone");
    at += count;
    bytes -= static_cast<std::size_t>(count);
  }
}

void write_all(int fd, const void* from, std::size_t bytes) {
  for (const auto* at = static_cast<const std::byte*>(from); bytes > 0;) {
    const ssize_t count = ::write(fd, at, bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("writing a message");
    at += count;
    bytes -= static_cast<std::size_t>(count);
  }
}

std::uint64_t sum_of(std::span<const std::uint64_t> words) {
  std::uint64_t sum = 0;
  for (const std::uint64_t word : words) sum += word;
  return sum;
}

// A write to a child that is gone is an error and not the end of this process.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before_);
  }
  ~WithoutSigpipe() { sigaction(SIGPIPE, &before_, nullptr); }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  struct sigaction before_{};
};

// The child: adds up each message and answers with the sum.
void answer(const Order& order, Words own, Words shared, const std::array<int, 3>& fds) {
  const auto [pipe_in, pipe_out, socket] = fds;
  const int in = order.way == Way::socket ? socket : pipe_in, out = order.way == Way::socket ? socket : pipe_out;
  for (std::int64_t i = 0; i < order.times; ++i) {
    std::uint64_t words = 0;
    read_all(in, &words, sizeof words);
    const Words data = (order.way == Way::shared_memory ? shared : own).first(words);
    if (order.way != Way::shared_memory) read_all(in, data.data(), data.size_bytes());
    const std::uint64_t sum = sum_of(data);
    write_all(out, &sum, sizeof sum);
  }
}

int answer_messages(Channel& parent) {
  const auto setup = parent.receive();
  if (!setup || setup->descriptors.size() != 4) return 0;
  const auto words = from_bytes<std::uint64_t>(setup->bytes);
  const WithoutSigpipe quiet;
  Arena arena = Arena::attach(::dup(setup->descriptors[3].get()));
  const Words shared = arena.allocate<std::uint64_t>(words);
  std::vector<std::uint64_t> own(words);
  try {
    while (const auto message = parent.receive()) {
      parent.send(kReady, {});
      answer(from_bytes<Order>(message->bytes), own, shared,
             {setup->descriptors[0].get(), setup->descriptors[1].get(), setup->descriptors[2].get()});
    }
  } catch (const PeerGone&) {
    return 0;  // as when it closes the channel
  }
  return 0;
}

const bool kKnown = register_child_kind("lab_messages", answer_messages);

struct Pipe {
  FileDescriptor read, write;
};

Pipe make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) throw_errno("making a pipe");
  return {FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

}  // namespace

std::string_view to_string(Way way) {
  switch (way) {
    case Way::pipe:
      return "pipe";
    case Way::socket:
      return "socket";
    case Way::shared_memory:
      return "shared_memory";
    case Way::copy:
      break;
  }
  return "copy";
}

struct Messenger::Impl {
  WithoutSigpipe quiet;
  Arena arena;
  Words shared;
  std::vector<std::uint64_t> data, copy;
  Pipe there = make_pipe(), back = make_pipe();
  SocketPair sockets = make_socket_pair();
  Child child = Child::start("lab_messages");

  explicit Impl(std::size_t words) : shared(arena.allocate<std::uint64_t>(words)), data(words), copy(words) {
    for (std::size_t i = 0; i < words; ++i) data[i] = i * 0x9e3779b97f4a7c15ULL + 1;
    const std::array<int, 4> fds = {there.read.get(), back.write.get(), sockets.child.get(), arena.fd()};
    const Bytes bytes = to_bytes(static_cast<std::uint64_t>(words));
    child.channel().send(kSetup, bytes, fds);
    child.await_ready();
    // Only the child holds its ends from here on, so that its death shows.
    there.read.reset();
    back.write.reset();
    sockets.child.reset();
  }

  std::uint64_t send(Way way, std::size_t words) {
    if (way == Way::copy) {
      if (words > 0) std::memcpy(copy.data(), data.data(), words * sizeof(std::uint64_t));
      return sum_of(std::span(copy).first(words));
    }
    const int out = way == Way::socket ? sockets.parent.get() : there.write.get();
    const int in = way == Way::socket ? sockets.parent.get() : back.read.get();
    if (way == Way::shared_memory && words > 0) std::memcpy(shared.data(), data.data(), words * sizeof(std::uint64_t));
    const auto head = static_cast<std::uint64_t>(words);
    write_all(out, &head, sizeof head);
    if (way != Way::shared_memory) write_all(out, data.data(), words * sizeof(std::uint64_t));
    std::uint64_t sum = 0;
    read_all(in, &sum, sizeof sum);
    return sum;
  }
};

Messenger::Messenger(std::size_t most_bytes) : impl_(std::make_unique<Impl>(most_bytes / sizeof(std::uint64_t))) {}
Messenger::~Messenger() = default;

Timed Messenger::exchange(Way way, std::size_t bytes, std::int64_t times) {
  const std::size_t words = bytes / sizeof(std::uint64_t);
  if (words > impl_->data.size()) throw std::logic_error("the message is larger than the messenger was made for");
  const std::uint64_t expected = sum_of(std::span(impl_->data).first(words));
  if (way != Way::copy) {
    impl_->child.channel().send(kOrder, to_bytes(Order{way, words, times}));
    if (!impl_->child.channel().receive()) throw PeerGone("the process that answers messages is gone");
  }
  std::int64_t wrong = 0;
  const auto start = Clock::now();
  for (std::int64_t i = 0; i < times; ++i) {
    std::uint64_t sum = impl_->send(way, words);
    keep(sum);
    if (sum != expected) ++wrong;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return {.seconds = seconds, .error = static_cast<double>(wrong)};
}

}  // namespace overtake::lab
