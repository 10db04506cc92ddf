// SPDX-License-Identifier: Apache-2.0
#include "core/pool/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/error.h"

namespace overtake {
namespace {

constexpr const char* kVariable = "OVERTAKE_CHILD";  // "kind:nonce" in a child until worker_entry() takes it
constexpr int kSocket = 3;                           // where a child finds its end of the socket pair
constexpr std::uint32_t kHello = 0x0e01;             // type of a child's first message; counts up with the protocol

std::map<std::string, ChildMain, std::less<>>& kinds() {
  static auto* const kKinds = new std::map<std::string, ChildMain, std::less<>>;
  return *kKinds;
}

std::string& own_kind() {
  static auto* const kKind = new std::string;
  return *kKind;
}

// Children that are not reaped yet. A pid can be given to another process once it is reaped, hence the lock.
struct Children {
  std::mutex mutex;
  std::vector<pid_t> pids;
};
Children& children() {
  static Children* const kChildren = new Children;
  return *kChildren;
}

double cpu_seconds_of(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Negative: for ever.
bool ends_within(int pidfd, double seconds) {
  pollfd entry{.fd = pidfd, .events = POLLIN, .revents = 0};
  int ready = 0;
  do ready = poll(&entry, 1, static_cast<int>(std::ceil(seconds * 1e3)));
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

std::string random_nonce() {
  std::uint64_t value = 0;
  if (getrandom(&value, sizeof value, 0) != sizeof value) throw_errno("getrandom");
  return fmt::format("{:016x}", value);
}

// posix_spawn's attributes and file actions, freed together.
struct SpawnPlan {
  posix_spawnattr_t attributes{};
  posix_spawn_file_actions_t actions{};

  explicit SpawnPlan(int child_end) {
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    sigset_t every, interrupt;
    sigfillset(&every);
    // Blocked until worker_entry() ignores it, so that Ctrl-C cannot hit a child that is only just starting.
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    posix_spawnattr_setsigdefault(&attributes, &every);
    posix_spawnattr_setsigmask(&attributes, &interrupt);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    // Reading a terminal from here would stop the child.
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, child_end, kSocket);
    // Another worker's socket held open here would hide its parent's death from that worker.
    posix_spawn_file_actions_addclosefrom_np(&actions, kSocket + 1);
  }
  ~SpawnPlan() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
};

// No destructors, because other threads may still be running; and not _exit(), where ThreadSanitizer waits for a
// second.
[[noreturn]] void leave_now(int status) {
  for (;;) syscall(SYS_exit_group, status);
}

[[noreturn]] void leave(int status) {
  std::fflush(nullptr);
  leave_now(status);
}

[[noreturn]] void refuse(const std::string& reason) {
  std::fprintf(stderr, "overtake: %s\n", reason.c_str());
  leave(static_cast<int>(Status::usage));
}

// A thread, because the main thread may compute for minutes, and PR_SET_PDEATHSIG fires when the thread that started
// the child ends, not the process.
void watch_parent(int socket) {
  sigset_t every, none;
  sigfillset(&every);
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &every, nullptr);  // the new thread inherits this: it takes no signals
  std::thread([socket] {
    pollfd entry{.fd = socket, .events = 0, .revents = 0};
    while (poll(&entry, 1, -1) <= 0) {
    }
    leave_now(0);
  }).detach();
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

bool is_our_parent(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == getppid();
}

}  // namespace

bool register_child_kind(std::string_view kind, ChildMain run) {
  if (!kinds().emplace(kind, run).second)
    throw std::logic_error(fmt::format("child kind {} is registered twice", kind));
  return true;
}

std::string_view child_kind() { return own_kind(); }

void worker_entry() {
  const char* value = std::getenv(kVariable);
  if (value == nullptr) return;
  const std::string text = value;
  unsetenv(kVariable);
  const auto colon = text.find(':');
  if (colon == std::string::npos || !is_our_parent(kSocket))
    refuse(fmt::format("{} is set, but this process is not a child of overtake (or its parent has gone): unset it",
                       kVariable));
  std::signal(SIGINT, SIG_IGN);
  fcntl(kSocket, F_SETFD, FD_CLOEXEC);
  watch_parent(kSocket);
  own_kind() = text.substr(0, colon);
  const auto kind = kinds().find(own_kind());
  if (kind == kinds().end()) refuse(fmt::format("this program cannot be a child of kind '{}'", own_kind()));
  try {
    Channel parent{FileDescriptor(kSocket)};
    parent.send(kHello, to_bytes(text.substr(colon + 1)));
    leave(kind->second(parent));
  } catch (const PeerGone&) {
    leave(0);
  } catch (const std::exception& error) {
    refuse(fmt::format("{}: {}", own_kind(), error.what()));
  }
}

std::string Ending::describe() const {
  if (!known) return "ended";
  if (signal == 0) return fmt::format("exited with status {}", status);
  const char* name = sigabbrev_np(signal);
  return name == nullptr ? fmt::format("was killed by signal {}", signal)
                         : fmt::format("was killed by signal {} (SIG{})", signal, name);
}

Child Child::start(std::string_view kind, bool counted) {
  if (std::getenv(kVariable) != nullptr)
    throw std::runtime_error(
        fmt::format("this process is itself a child ({} is set), and its main() did not call "
                    "overtake::worker_entry() first: it starts no further processes",
                    kVariable));
  SocketPair ends = make_socket_pair();
  Child child;
  child.nonce_ = random_nonce();
  const std::string own = fmt::format("{}={}:{}", kVariable, kind, child.nonce_);
  std::vector<char*> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
  environment.push_back(const_cast<char*>(own.c_str()));
  environment.push_back(nullptr);
  const std::string role = fmt::format("overtake-child:{}", kind);  // what ps shows; nothing reads it
  char* arguments[] = {program_invocation_name, const_cast<char*>(role.c_str()), nullptr};
  const SpawnPlan plan(ends.child.get());
  {
    const std::lock_guard lock(children().mutex);
    const int code =
        posix_spawn(&child.pid_, "/proc/self/exe", &plan.actions, &plan.attributes, arguments, environment.data());
    if (code != 0) {
      child.pid_ = -1;
      throw std::runtime_error(fmt::format("starting a {} process: {}", kind, std::strerror(code)));
    }
    if (counted) children().pids.push_back(child.pid_);
  }
  // glibc 2.36 declares pidfd_open() without extern "C".
  child.pidfd_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, child.pid_, 0)));
  if (!child.pidfd_) {
    const int code = errno;
    kill(child.pid_, SIGKILL);
    throw std::runtime_error(fmt::format("watching a {} process (pidfd_open): {}", kind, std::strerror(code)));
  }
  child.channel_ = Channel(std::move(ends.parent), kReadySeconds);
  return child;
}

void Child::await_ready(double seconds) {
  const std::string hint = "main() of this program must call overtake::worker_entry() first";
  const pid_t pid = pid_;
  if (!channel_.readable(seconds)) {
    end(0);
    throw ChildFailed(fmt::format("child process {} said nothing for {} s and was ended: {}", pid, seconds, hint), {});
  }
  std::optional<Message> hello;
  try {
    hello = channel_.receive();
  } catch (const PeerGone&) {
    hello.reset();  // as if it had said nothing
  }
  if (!hello) {
    const Ending ending = end();
    const bool own_exit = ending.known && ending.signal == 0;
    throw ChildFailed(fmt::format("child process {} {} before it was ready{}", pid, ending.describe(),
                                  own_exit ? ": " + hint : std::string()),
                      ending);
  }
  if (hello->type != kHello || from_bytes<std::string>(hello->bytes) != nonce_)
    throw ChildFailed(fmt::format("child process {} answered something else than its greeting", pid), end(0));
}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(channel_, other.channel_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(pid_, other.pid_);
  std::swap(nonce_, other.nonce_);
  return *this;
}

bool Child::has_ended() const { return !pidfd_ || ends_within(pidfd_.get(), 0); }

double Child::cpu_seconds() const { return pid_ > 0 ? cpu_seconds_of(pid_) : 0; }

Ending Child::end(double grace) {
  channel_.close();
  if (pid_ <= 0) return {};
  // Without a descriptor to wait on (no memory in the middle of start()) nothing tells when it goes by itself.
  if (!pidfd_ || !ends_within(pidfd_.get(), grace)) kill(pid_, SIGKILL);
  if (pidfd_) ends_within(pidfd_.get(), -1);  // waits outside of the lock
  const std::lock_guard lock(children().mutex);
  siginfo_t info{};
  int code = 0;
  do code = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
  while (code != 0 && errno == EINTR);
  std::erase(children().pids, pid_);
  pid_ = -1;
  pidfd_.reset();
  if (code != 0) return {};
  const bool exited = info.si_code == CLD_EXITED;
  return {.known = true, .signal = exited ? 0 : info.si_status, .status = exited ? info.si_status : 0};
}

double live_children_cpu_seconds() {
  const std::lock_guard lock(children().mutex);
  double sum = 0;
  for (const pid_t pid : children().pids) sum += cpu_seconds_of(pid);
  return sum;
}

}  // namespace overtake

// Highway's shared library (1.0) times the timer for its own benchmarks in a static constructor: 4 to 6 ms of every
// program's and worker's start (`main` that does nothing: 6.3 ms of CPU time with the library, 2.2 with this in the
// place of its function, 0.7 without the library). Here because every program that starts workers links this source.
namespace hwy::platform {
std::uint64_t TimerResolution();               // NOLINT(readability-identifier-naming): Highway's name
std::uint64_t TimerResolution() { return 1; }  // NOLINT(readability-identifier-naming)
}  // namespace hwy::platform
