// SPDX-License-Identifier: Apache-2.0
// What help costs before it has done anything: a thread, an OpenMP region, a task for a pool of processes, a new
// process; and what it costs to tell another process something. From that follows how long a task must be to be worth
// sharing.
#include <fmt/format.h>
#include <omp.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "compare/text.h"
#include "core/error.h"
#include "core/pool/pool.h"
#include "core/system/resources.h"
#include "lab/engine/messages.h"
#include "lab/engine/words.h"
#include "lab/lab.h"

namespace overtake::lab {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kGiB = std::size_t{1} << 30;
constexpr std::size_t kLargest = std::size_t{64} << 20;
constexpr std::array<std::size_t, 6> kSizes = {0, 64, 4096, 65536, 1 << 20, kLargest};
constexpr std::array<Way, 4> kMessageWays = {Way::pipe, Way::socket, Way::shared_memory, Way::copy};
constexpr const char* kProgram = "/bin/true";  // the least that a program can do

std::int64_t one_more(WorkerContext&, const std::int64_t& number) { return number + 1; }
const auto kOneMore = register_task<one_more>("lab_one_more");

// Does `action` so often; it returns whether its answer was right.
Timed repeat(const Ask& ask, const std::function<bool()>& action) {
  std::int64_t wrong = 0;
  const auto start = Clock::now();
  for (std::int64_t i = 0; i < ask.times; ++i) wrong += action() ? 0 : 1;
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return {.seconds = seconds, .error = static_cast<double>(wrong)};
}

// A thread that the caller waits for: the other of two workers is the caller itself.
bool one_thread() {
  int done = 0;
  std::thread([&] { done = 1; }).join();
  return done == 1;
}

bool one_region() {
  // Not on the stack: ThreadSanitizer does not see that the region begins after the variable does.
  static std::atomic<int> threads{0};
  threads = 0;
#pragma omp parallel num_threads(2)
  ++threads;
  return threads == 2;
}

bool has_ended_well(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw_errno("waiting for a child");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::array<char*, 2> program_arguments() { return {const_cast<char*>(kProgram), nullptr}; }

bool one_spawn() {
  pid_t child = 0;
  auto arguments = program_arguments();
  errno = ::posix_spawn(&child, kProgram, nullptr, nullptr, arguments.data(), environ);
  if (errno != 0) throw_errno(std::string("starting ") + kProgram);
  return has_ended_well(child);
}

// The child may call nothing but what is safe in a signal handler, because this process has other threads.
bool one_fork(bool and_exec) {
  auto arguments = program_arguments();
  const pid_t child = ::fork();
  if (child < 0) throw_errno("fork");
  if (child == 0) {
    if (and_exec) ::execve(kProgram, arguments.data(), environ);
    ::_exit(and_exec ? 127 : 0);
  }
  return has_ended_well(child);
}

// Every page of it written to, as the data of a program would be.
class HeldMemory {
 public:
  explicit HeldMemory(std::size_t bytes) : bytes_(bytes) {
    if (bytes == 0) return;
    at_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (at_ == MAP_FAILED) throw_errno("holding memory");
  }
  ~HeldMemory() {
    if (bytes_ > 0) ::munmap(at_, bytes_);
  }
  HeldMemory(const HeldMemory&) = delete;
  HeldMemory& operator=(const HeldMemory&) = delete;

 private:
  std::size_t bytes_;
  void* at_ = nullptr;
};

// Why there is no room for so much more; empty where there is.
std::string no_room(std::size_t bytes) {
  try {
    const std::int64_t left = memory_limit_bytes();
    if (left >= static_cast<std::int64_t>(2 * bytes)) return "";
    return fmt::format("needs {} MiB of memory with as much to spare, and {} MiB are left", bytes >> 20, left >> 20);
  } catch (const std::runtime_error& error) {
    return fmt::format("how much memory is left is not known: {}", error.what());
  }
}

Case start_of(const char* variant, Strategy strategy, int workers, const KeyValues& params = {}) {
  return {variant, workers, params, strategy, Scope::end_to_end};
}

void add_starts(Session& session, std::vector<Probe>& probes, const std::shared_ptr<Pool>& pool) {
  const auto action = [](bool (*once)()) { return [=](const Ask& ask) { return repeat(ask, once); }; };
  probes.push_back({start_of("thread", Strategy::threads, 2), "done", action(one_thread)});
  if (one_region())
    probes.push_back({start_of("openmp", Strategy::threads, 2), "done", [](const Ask& ask) {
                        const Timed timed = repeat(ask, one_region);
                        // Its threads spin for a while in case of another region, which is not the next probe's fault.
                        std::this_thread::sleep_for(std::chrono::milliseconds(5));
                        return timed;
                      }});
  else
    session.skip(start_of("openmp", Strategy::threads, 2), "OpenMP gives one thread here (OMP_THREAD_LIMIT?)");
  probes.push_back({start_of("pool", Strategy::processes, 2), "results", [=](const Ask& ask) {
                      return repeat(ask, [&] {
                        return pool->run(kOneMore, {std::int64_t{1}, std::int64_t{2}}) ==
                               std::vector<std::int64_t>{2, 3};
                      });
                    }});
  const auto add_program = [&](const char* variant, bool (*once)()) {
    const Case what = start_of(variant, Strategy::processes, 1);
    if (::access(kProgram, X_OK) == 0)
      probes.push_back({what, "exit status", action(once)});
    else
      session.skip(what, std::string("there is no ") + kProgram);
  };
  add_program("posix_spawn", one_spawn);
  add_program("fork_exec", [] { return one_fork(true); });
  for (const std::size_t held : {std::size_t{0}, kGiB}) {
    const Case what = start_of("fork", Strategy::processes, 1, {{"held_bytes", std::to_string(held)}});
    const std::string reason = held == 0 ? "" : no_room(held);
    if (!reason.empty())
      session.skip(what, reason);
    else
      probes.push_back({what, "exit status", [=](const Ask& ask) {
                          try {
                            const HeldMemory memory(held);
                            return repeat(ask, [] { return one_fork(false); });
                          } catch (const std::exception& error) {  // the system may refuse what looked free
                            return Timed{.failure = error.what()};
                          }
                        }});
  }
}

Case message_of(Way way, std::size_t bytes) {
  return {std::string(to_string(way)),
          way == Way::copy ? 1 : 2,
          {},
          way == Way::copy ? Strategy::serial : Strategy::processes,
          Scope::end_to_end,
          {{"message_bytes", std::to_string(bytes)}}};
}

void add_messages(Session& session, std::vector<Probe>& probes) {
  const std::string reason = no_room(4 * kLargest);
  const std::size_t most = reason.empty() ? kLargest : 1 << 20;
  const auto messenger = std::make_shared<Messenger>(most);
  for (const std::size_t bytes : kSizes)
    for (const Way way : kMessageWays) {
      const Case what = message_of(way, bytes);
      if (bytes > most)
        session.skip(what, reason);
      else
        probes.push_back({what, "sum", [=](const Ask& ask) { return messenger->exchange(way, bytes, ask.times); }});
    }
}

void measure(Session& session) {
  {
    std::vector<Probe> probes;
    add_starts(session, probes, std::make_shared<Pool>(2));
    session.run(probes, 0.5);
  }
  // Afterwards, because a fork would copy what messages are made of.
  std::vector<Probe> probes;
  add_messages(session, probes);
  session.run(probes, 0.5);
}

std::string size_text(std::size_t bytes) {
  if (bytes >= 1 << 20) return fmt::format("{} MiB", bytes >> 20);
  return bytes >= 1024 ? fmt::format("{} KiB", bytes >> 10) : fmt::format("{} B", bytes);
}

struct Start {
  const char* variant;
  int workers;
  std::string condition;
  const char* said;
};

std::vector<Start> starts() {
  return {{"openmp", 2, "", "OpenMP region"},
          {"thread", 2, "", "new thread"},
          {"pool", 2, "", "task for a process of a pool"},
          {"fork", 1, "held_bytes=0", "fork"},
          {"posix_spawn", 1, "", "posix_spawn of a program"},
          {"fork_exec", 1, "", "fork and exec of a program"},
          {"fork", 1, fmt::format("held_bytes={}", kGiB), "fork by a parent with 1 GiB more"}};
}

// Those that a task can be shared by, measured here.
std::vector<Bar> smallest_tasks(const Figures& figures) {
  std::vector<Bar> bars;
  for (const Start& start : starts())
    if (start.condition.empty() && figures.has(start.variant, start.workers))
      // Two workers save half of a task at best, so the overhead is won back from twice as much on.
      bars.push_back(time_bar(start.said, 2 * figures.seconds(start.variant, start.workers)));
  return bars;
}

std::string start_sentence(const Figures& figures) {
  const double thread = figures.seconds("thread", 2);
  std::string out = fmt::format("A thread that is made and joined costs {}", compare::duration_text(thread));
  if (figures.has("openmp", 2)) {
    const double region = figures.seconds("openmp", 2);
    out += fmt::format(", {} an OpenMP region ({}){}", as_long_as(thread, region), compare::duration_text(region),
                       longer(thread, region) ? ", whose threads are kept" : "");
  }
  if (figures.has("posix_spawn", 1)) {
    const double spawn = figures.seconds("posix_spawn", 1);
    out +=
        fmt::format("; a new program costs {}, {} a thread", compare::duration_text(spawn), as_long_as(spawn, thread));
  }
  const std::string held = fmt::format("held_bytes={}", kGiB);
  if (!figures.has("fork", 1, held))
    return out +
           fmt::format("; what a large parent's fork costs was not measured ({}).", figures.reason("fork", 1, held));
  const double small = figures.seconds("fork", 1, "held_bytes=0"), large = figures.seconds("fork", 1, held);
  return out + fmt::format("; a fork takes {}, and with 1 GiB more in the parent {}{}.", compare::duration_text(small),
                           compare::duration_text(large),
                           longer(large, small) ? ", because the child is given a copy of the page tables"
                                                : ", about the same");
}

std::string sharing_sentence(const Figures& figures) {
  auto tasks = smallest_tasks(figures);
  if (tasks.empty()) throw MissingFigure("no way of starting help was measured");
  std::ranges::sort(tasks, {}, &Bar::value);
  if (figures.cpus() == 1)
    return fmt::format(
        "One core is allowed here, so two workers save nothing of a task that computes, and none is worth sharing; "
        "with "
        "a second core it would pay from {} ({}) to {} ({}) on.",
        tasks.front().text, tasks.front().label, tasks.back().text, tasks.back().label);
  return fmt::format(
      "Two workers save half of a task at best, so on this machine a task is worth sharing from {} on with the "
      "cheapest help ({}) and from {} on with the dearest ({}): whatever is shorter is done sooner alone.",
      tasks.front().text, tasks.front().label, tasks.back().text, tasks.back().label);
}

std::string message_sentence(const Figures& figures) {
  const auto time = [&](Way way, std::size_t bytes) {
    return figures.seconds(to_string(way), way == Way::copy ? 1 : 2, fmt::format("message_bytes={}", bytes));
  };
  std::size_t most = 0;
  for (const std::size_t bytes : kSizes)
    if (figures.has("pipe", 2, fmt::format("message_bytes={}", bytes))) most = bytes;
  const double least = time(Way::pipe, 0), pipe = time(Way::pipe, most), shared = time(Way::shared_memory, most);
  const double copy = time(Way::copy, most);
  return fmt::format(
      "To tell another process anything and hear from it takes {} by pipe; {} take {}, {} through shared memory ({}), "
      "which is {} a copy within one process.",
      compare::duration_text(least), size_text(most), compare::duration_text(pipe), as_long_as(pipe, shared),
      compare::duration_text(shared), as_long_as(shared, copy));
}

std::vector<Chart> charts_of(const Figures& figures) {
  Chart costs{.title = "What help costs, done nothing yet:"};
  for (const Start& start : starts())
    if (figures.has(start.variant, start.workers, start.condition))
      costs.bars.push_back(time_bar(start.said, figures.seconds(start.variant, start.workers, start.condition)));
  std::vector<Chart> charts = {
      std::move(costs), {.title = "Smallest task worth sharing between two workers:", .bars = smallest_tasks(figures)}};
  for (const std::size_t bytes : kSizes) {
    Chart chart{.title = fmt::format("A message of {} and an answer of 8 B:", size_text(bytes))};
    for (const Way way : kMessageWays) {
      const int workers = way == Way::copy ? 1 : 2;
      const std::string condition = fmt::format("message_bytes={}", bytes);
      if (figures.has(to_string(way), workers, condition))
        chart.bars.push_back(
            time_bar(std::string(to_string(way)), figures.seconds(to_string(way), workers, condition)));
    }
    if (!chart.bars.empty()) charts.push_back(std::move(chart));
  }
  return charts;
}

Explanation explain(const Figures& figures) {
  return {.charts = charts_of(figures),
          .answer = range_of(2 * figures.seconds("thread", 2), {1e-6, 1e-5, 1e-4, 1e-3}),
          .sentences = {start_sentence(figures), sharing_sentence(figures), message_sentence(figures)}};
}

}  // namespace

const Lab kOverhead = {
    .name = "overhead",
    .summary = "What a thread, a region, a process, a message costs; so: the smallest task worth sharing",
    .question =
        "Two workers share a task: you and a thread that you start for it and join at the end. How long must the task "
        "be at least, for that to be sooner done than alone?",
    .choices = {"less than 1 us", "1 to 10 us", "10 to 100 us", "100 us to 1 ms", "more than 1 ms"},
    .source = "lab/overhead.cpp",
    .measure = measure,
    .explain = explain,
};

}  // namespace overtake::lab
