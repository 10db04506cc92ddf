// SPDX-License-Identifier: Apache-2.0
// The worker's side of the pool: the loop that takes tasks, and the memory that it shares with its parent.
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <exception>

#include "core/error.h"
#include "core/pool/task.h"

namespace overtake {
namespace {

using Clock = std::chrono::steady_clock;

std::map<std::string, RawTask, std::less<>>& tasks() {
  static auto* const kTasks = new std::map<std::string, RawTask, std::less<>>;
  return *kTasks;
}

void send(Channel& parent, PoolMessage type, std::span<const std::byte> bytes) {
  parent.send(static_cast<std::uint32_t>(type), bytes);
}

void run_task(WorkerContext& context, Channel& parent, std::span<const std::byte> bytes) {
  const auto end_of_name = std::ranges::find(bytes, std::byte{0});
  const std::string name = from_bytes<std::string>({bytes.begin(), end_of_name});
  Bytes answer;
  try {
    const auto function = tasks().find(name);
    if (function == tasks().end()) throw std::logic_error("no task named " + name + " in this program");
    const auto begin = Clock::now();
    const Bytes result = function->second(context, {end_of_name + 1, bytes.end()});
    const DoneHead head{std::chrono::duration<double>(Clock::now() - begin).count()};
    answer = to_bytes(head);
    answer.insert(answer.end(), result.begin(), result.end());
  } catch (const PeerGone&) {
    throw;
  } catch (const std::exception& error) {
    return send(parent, PoolMessage::failed, to_bytes(std::string(error.what())));
  } catch (...) {
    return send(parent, PoolMessage::failed, to_bytes(std::string("an exception of unknown type")));
  }
  std::fflush(nullptr);  // what the task printed is not lost when the worker is ended
  send(parent, PoolMessage::done, answer);
}

// Looks for the next message for a moment before it sleeps: the next sample of a benchmark follows at once, and being
// woken costs more than a small task. Yields, so that it takes no core from anybody who has work.
void linger(const Channel& parent) {
  constexpr auto kLinger = std::chrono::microseconds(50);
  const auto until = Clock::now() + kLinger;
  while (!parent.readable(0) && Clock::now() < until) sched_yield();
}

}  // namespace

int run_worker(Channel& parent) {
  std::optional<Message> message = parent.receive();
  if (!message) return 0;
  WorkerContext context(from_bytes<int>(message->bytes), parent);
  for (;;) {
    linger(parent);
    message = parent.receive();
    if (!message) return 0;
    switch (static_cast<PoolMessage>(message->type)) {
      case PoolMessage::attach:
        context.attach(from_bytes<std::uint64_t>(message->bytes), std::move(message->descriptors.at(0)));
        break;
      case PoolMessage::detach:
        context.detach(from_bytes<std::uint64_t>(message->bytes));
        break;
      case PoolMessage::task:
        run_task(context, parent, message->bytes);
        break;
      default:
        throw std::logic_error("a worker was sent a message of unknown type");
    }
  }
}

void register_raw_task(std::string_view name, RawTask run) {
  if (!tasks().emplace(name, run).second) throw std::logic_error("task " + std::string(name) + " is registered twice");
}

void WorkerContext::heartbeat() { send(parent_, PoolMessage::heartbeat, {}); }

void WorkerContext::attach(std::uint64_t arena, FileDescriptor memory) {
  Mapping& mapping = mappings_[arena];
  mapping.arenas.push_back(Arena::attach(memory.release()));
  Arena& newest = mapping.arenas.back();
  mapping.newest = newest.allocate<std::byte>(newest.size());
}

std::byte* WorkerContext::map_bytes(const SharedRef& ref) {
  if (ref.arena == 0) return nullptr;
  const auto found = mappings_.find(ref.arena);
  if (found == mappings_.end()) throw std::runtime_error("a shared block was used after its arena was destroyed");
  const auto holds = [&] {
    const std::size_t size = found->second.newest.size();
    return ref.offset <= size && ref.bytes <= size - ref.offset;
  };
  if (!holds()) {  // the arena has grown since it was mapped
    const int memory = fcntl(found->second.arenas.back().fd(), F_DUPFD_CLOEXEC, 0);
    if (memory < 0) throw_errno("mapping grown shared memory");
    attach(ref.arena, FileDescriptor(memory));
  }
  if (!holds()) throw std::runtime_error("a shared block lies outside of its arena");
  return found->second.newest.data() + ref.offset;
}

}  // namespace overtake
