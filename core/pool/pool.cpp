// SPDX-License-Identifier: Apache-2.0
#include "core/pool/pool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/memory/arena.h"
#include "core/pool/spawn.h"
#include "core/pool/task_list.h"

namespace overtake {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kIdle = static_cast<std::size_t>(-1);
constexpr std::string_view kKind = "worker";
const bool kRegistered = register_child_kind(kKind, run_worker);

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// Adds what its scope took to a figure of the ledger.
class Timed {
 public:
  explicit Timed(double& sum) : sum_(sum) {}
  ~Timed() { sum_ += seconds_since(begin_); }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  double& sum_;
  Clock::time_point begin_ = Clock::now();
};

struct Worker {
  std::optional<Child> child;  // none: not started, or lost and not yet replaced
  std::size_t task = kIdle;
  Clock::time_point last_sign;
  std::uint64_t arenas_version = 0;         // of Impl::shared that it knows
  std::vector<std::uint64_t> known_arenas;  // ids
  double computed = 0;                      // seconds in this run
};

// An arena that the workers can map. The block is one that lies in it, to see whether it still lives.
struct SharedArena {
  std::uint64_t id;
  FileDescriptor memory;
  ino_t inode;
  const void* block;
  std::size_t bytes;
};

// One call of work_off().
struct Run {
  std::string_view name;
  TaskSource& source;
  std::string failure;  // why workers cannot be started; empty: they can
};

ino_t inode_of(int fd) {
  struct stat info{};
  if (fstat(fd, &info) != 0) throw_errno("looking at shared memory");
  return info.st_ino;
}

std::span<const std::byte> bytes_of(const std::uint64_t& id) { return std::as_bytes(std::span(&id, 1)); }

}  // namespace

struct Pool::Impl {
  Impl(int count, PoolOptions given);

  void make_ready(std::size_t i);
  void restart(std::size_t i);
  void send(Worker& worker, PoolMessage type, std::span<const std::byte> bytes, std::span<const int> fds = {}) {
    worker.child->channel().send(static_cast<std::uint32_t>(type), bytes, fds);
  }
  void tell_arenas(Worker& worker);
  bool hand_out(Run& run);
  void give(std::size_t i, const TaskSource::Next& task, Run& run);
  void wait(Run& run);
  void hear(std::size_t i, Run& run);
  void lose(std::size_t i, Run& run, const std::string& why);
  bool any_busy() const {
    return std::ranges::any_of(workers, [](const Worker& worker) { return worker.task != kIdle; });
  }
  void end_busy() {
    for (Worker& worker : workers)
      if (worker.task != kIdle) worker = Worker{};
  }
  int milliseconds_to_deadline() const;

  PoolOptions options;
  PoolLedger ledger;
  std::vector<Worker> workers;
  std::vector<SharedArena> shared;
  std::uint64_t shared_version = 0, last_arena = 0;
  std::vector<pollfd> polled;
};

Pool::Impl::Impl(int count, PoolOptions given) : options(given), workers(static_cast<std::size_t>(count)) {
  const Timed timed(ledger.start);
  for (Worker& worker : workers) worker.child = Child::start(kKind);  // all at once, then wait for each
  for (std::size_t i = 0; i < workers.size(); ++i) make_ready(i);
}

// A start that a signal ended (as the kernel does when memory is short) is tried again; a process that exits by itself
// would do so every time.
void Pool::Impl::make_ready(std::size_t i) {
  Worker& worker = workers[i];
  for (int attempt = 0;; ++attempt) {
    try {
      if (!worker.child) worker.child = Child::start(kKind);
      worker.child->await_ready(options.start_seconds);
      const int number = static_cast<int>(i);
      send(worker, PoolMessage::setup, std::as_bytes(std::span(&number, 1)));
      return;
    } catch (const ChildFailed& failed) {
      worker.child.reset();
      if (failed.ending.signal == 0 || attempt >= options.retries)
        throw std::runtime_error(fmt::format("worker {} could not be started: {}", i, failed.what()));
    } catch (const PeerGone& gone) {
      worker.child.reset();
      if (attempt >= options.retries)
        throw std::runtime_error(fmt::format("worker {} could not be started: {}", i, gone.what()));
    }
    ++ledger.respawns;
  }
}

void Pool::Impl::restart(std::size_t i) {
  const Timed timed(ledger.start);
  workers[i] = Worker{};
  ++ledger.respawns;
  make_ready(i);
}

void Pool::Impl::tell_arenas(Worker& worker) {
  if (worker.arenas_version == shared_version) return;
  std::vector<std::uint64_t> now;
  for (const SharedArena& arena : shared) {
    now.push_back(arena.id);
    if (std::ranges::find(worker.known_arenas, arena.id) != worker.known_arenas.end()) continue;
    const int fd = arena.memory.get();
    send(worker, PoolMessage::attach, bytes_of(arena.id), std::span(&fd, 1));
  }
  for (const std::uint64_t id : worker.known_arenas)
    if (std::ranges::find(now, id) == now.end()) send(worker, PoolMessage::detach, bytes_of(id));
  worker.known_arenas = std::move(now);
  worker.arenas_version = shared_version;
}

// Returns whether there were tasks to give.
bool Pool::Impl::hand_out(Run& run) {
  bool given = false;
  for (std::size_t i = 0; i < workers.size() && run.failure.empty(); ++i) {
    Worker& worker = workers[i];
    if (worker.task != kIdle) continue;
    const auto task = run.source.next();
    if (!task) break;
    try {
      if (!worker.child || worker.child->has_ended()) restart(i);
    } catch (const std::runtime_error& error) {  // no worker to be had: let those that are busy end, then report
      run.failure = error.what();
      break;
    }
    give(i, *task, run);
    given = true;
  }
  return given;
}

void Pool::Impl::give(std::size_t i, const TaskSource::Next& task, Run& run) {
  const Timed timed(ledger.share_out);
  Worker& worker = workers[i];
  worker.task = task.id;
  worker.last_sign = Clock::now();
  Bytes message = to_bytes(std::string(run.name));
  message.push_back(std::byte{0});
  message.insert(message.end(), task.bytes.begin(), task.bytes.end());
  try {
    tell_arenas(worker);
    send(worker, PoolMessage::task, message);
  } catch (const PeerGone& gone) {
    lose(i, run, gone.what());
  }
}

int Pool::Impl::milliseconds_to_deadline() const {
  if (options.task_seconds <= 0) return -1;
  double least = options.task_seconds;
  for (const Worker& worker : workers)
    if (worker.task != kIdle) least = std::min(least, options.task_seconds - seconds_since(worker.last_sign));
  return static_cast<int>(std::clamp(std::ceil(least * 1e3), 0.0, 1e9));
}

// Until at least one busy worker has said something, has ended or is overdue, or the source is halted.
void Pool::Impl::wait(Run& run) {
  polled.clear();
  for (Worker& worker : workers) {
    if (worker.task == kIdle) continue;
    polled.push_back({.fd = worker.child->channel().fd(), .events = POLLIN, .revents = 0});
    polled.push_back({.fd = worker.child->pidfd(), .events = POLLIN, .revents = 0});
  }
  polled.push_back({.fd = run.source.wake_fd(), .events = POLLIN, .revents = 0});  // poll() passes over negative ones
  {
    const Timed timed(ledger.wait);
    if (poll(polled.data(), polled.size(), milliseconds_to_deadline()) < 0 && errno != EINTR)
      throw_errno("waiting for workers");
  }
  if (run.source.halted()) return;
  auto entry = polled.begin();
  for (std::size_t i = 0; i < workers.size(); ++i) {
    if (workers[i].task == kIdle) continue;
    const bool spoke = (entry++)->revents != 0, ended = (entry++)->revents != 0;
    // A worker that answered and then ended has done its task.
    if (spoke)
      hear(i, run);
    else if (ended)
      lose(i, run, {});
    else if (options.task_seconds > 0 && seconds_since(workers[i].last_sign) >= options.task_seconds)
      lose(i, run, fmt::format("gave no sign of life for {} s", options.task_seconds));
  }
}

void Pool::Impl::hear(std::size_t i, Run& run) {
  const Timed timed(ledger.gather);
  Worker& worker = workers[i];
  std::optional<Message> message;
  try {
    message = worker.child->channel().receive();
  } catch (const PeerGone& gone) {
    return lose(i, run, gone.what());
  }
  if (!message) return lose(i, run, {});
  worker.last_sign = Clock::now();
  switch (static_cast<PoolMessage>(message->type)) {
    case PoolMessage::heartbeat:
      return;
    case PoolMessage::failed:
      return run.source.failed(std::exchange(worker.task, kIdle), static_cast<int>(i),
                               from_bytes<std::string>(message->bytes));
    case PoolMessage::done: {
      const std::span<const std::byte> bytes = message->bytes;
      if (bytes.size() < sizeof(DoneHead)) return lose(i, run, "sent a result of the wrong size");
      const auto seconds = from_bytes<DoneHead>(bytes.first(sizeof(DoneHead))).seconds;
      worker.computed += seconds;
      ledger.compute_sum += seconds;
      ledger.compute_max = std::max(ledger.compute_max, worker.computed);
      return run.source.done(std::exchange(worker.task, kIdle), bytes.subspan(sizeof(DoneHead)));
    }
    default:
      return lose(i, run, "sent a message of unknown type");
  }
}

// `why`: what it did wrong before it was ended from here; empty: it ended by itself.
void Pool::Impl::lose(std::size_t i, Run& run, const std::string& why) {
  Worker& worker = workers[i];
  const pid_t pid = worker.child->pid();
  const Ending ending = worker.child->end(why.empty() ? 1 : 0);
  worker.child.reset();
  run.source.lost(
      std::exchange(worker.task, kIdle),
      {.worker = static_cast<int>(i),
       .ending = ending,
       .how = fmt::format("worker {} (pid {}) {}", i, pid, why.empty() ? ending.describe() : why + " and was killed")});
}

Pool::Pool(int workers, PoolOptions options) {
  if (workers < 1) throw UsageError(fmt::format("a pool of {} workers: at least 1 is needed", workers));
  if (child_kind() == kKind) throw UsageError("a worker of a pool cannot make a pool itself");
  impl_ = std::make_unique<Impl>(workers, options);
}

Pool::~Pool() {
  if (impl_ == nullptr) return;
  for (Worker& worker : impl_->workers)  // all at once, then wait for each
    if (worker.child) worker.child->channel().close();
}

int Pool::workers() const { return static_cast<int>(impl_->workers.size()); }
const PoolLedger& Pool::ledger() const { return impl_->ledger; }

void Pool::work_off(std::string_view name, TaskSource& source) {
  Run run{name, source, {}};
  PoolLedger& ledger = impl_->ledger;
  ledger = {.start = ledger.start, .respawns = ledger.respawns};
  impl_->end_busy();  // those still at a run that an exception ended
  for (Worker& worker : impl_->workers) worker.computed = 0;
  for (;;) {
    const bool given = impl_->hand_out(run);
    if (!given && !impl_->any_busy()) break;
    if (impl_->any_busy()) impl_->wait(run);
    if (source.halted()) return impl_->end_busy();
  }
  if (!run.failure.empty()) throw std::runtime_error(run.failure);
}

std::vector<Bytes> Pool::run_bytes(std::string_view name, std::span<const Bytes> tasks) {
  TaskList list(name, tasks, impl_->options.retries);
  work_off(name, list);
  return list.take_results();
}

SharedRef Pool::share(const void* block, std::size_t bytes) {
  if (bytes == 0) return {};
  const auto place = Arena::find(block, bytes);
  if (!place) throw std::logic_error("a block to be shared with workers lies in no Arena: copy it into one");
  std::vector<SharedArena>& shared = impl_->shared;
  const auto gone = std::erase_if(shared, [](const SharedArena& arena) {
    const auto now = Arena::find(arena.block, arena.bytes);
    return !now || inode_of(now->fd) != arena.inode;
  });
  if (gone > 0) ++impl_->shared_version;
  const ino_t inode = inode_of(place->fd);
  auto known = std::ranges::find(shared, inode, &SharedArena::inode);
  if (known == shared.end()) {
    FileDescriptor memory(fcntl(place->fd, F_DUPFD_CLOEXEC, 0));
    if (!memory) throw_errno("sharing memory with workers");
    shared.push_back({++impl_->last_arena, std::move(memory), inode, block, bytes});
    ++impl_->shared_version;
    known = shared.end() - 1;
  }
  return {known->id, place->offset, bytes};
}

KeyValues Pool::metrics() const {
  const PoolLedger& ledger = impl_->ledger;
  KeyValues out;
  out.set("pool_start_seconds", ledger.start);
  out.set("share_out_seconds", ledger.share_out);
  out.set("compute_max_seconds", ledger.compute_max);
  out.set("compute_sum_seconds", ledger.compute_sum);
  out.set("wait_seconds", ledger.wait);
  out.set("gather_seconds", ledger.gather);
  out.set("respawns", std::int64_t{ledger.respawns});
  return out;
}

double Pool::cpu_seconds() const {
  double sum = 0;
  for (const Worker& worker : impl_->workers)
    if (worker.child) sum += worker.child->cpu_seconds();
  return sum;
}

double all_pools_cpu_seconds() { return live_children_cpu_seconds(); }

}  // namespace overtake
