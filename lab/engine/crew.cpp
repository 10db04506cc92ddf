// SPDX-License-Identifier: Apache-2.0
#include "lab/engine/crew.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>
#include <vector>

#include "core/system/host_files.h"
#include "core/system/topology.h"

namespace overtake::lab {
namespace {

using Clock = std::chrono::steady_clock;

double thread_cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// One logical CPU of each core that this process may use; empty where the system does not say.
const std::vector<int>& cpus_of_cores() {
  static const std::vector<int> cpus = [] {
    const HostFiles files;
    const Topology topology = read_topology(files);
    const auto affinity = read_affinity(files, topology);
    return affinity.value ? topology.one_per_core(*affinity.value) : std::vector<int>{};
  }();
  return cpus;
}

// A system that refuses leaves the thread where it is, which is no error of the lab.
void bind_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

// Written by its own thread alone, on lines of its own.
struct alignas(128) Shift {
  Clock::time_point begin, end;
  double cpu_seconds = 0;
};

enum Signal : int { wait = 0, go = 1, abandon = 2 };

// Ends the waiting of those that were started, whatever happened to the others.
struct Threads {
  std::atomic<int> signal{Signal::wait};
  std::vector<std::thread> all;
  void tell(Signal what) {
    int expected = Signal::wait;
    if (signal.compare_exchange_strong(expected, what)) signal.notify_all();
  }
  ~Threads() {
    tell(Signal::abandon);
    for (std::thread& thread : all)
      if (thread.joinable()) thread.join();
  }
};

}  // namespace

CrewTime time_crew(int workers, const std::function<void(int)>& body, Placement placement) {
  const std::vector<int>& cpus = cpus_of_cores();
  const bool bound = placement == Placement::own_cores && static_cast<std::size_t>(workers) <= cpus.size();
  std::vector<Shift> shifts(static_cast<std::size_t>(workers));
  std::atomic<int> ready{0};
  {
    Threads threads;
    for (int worker = 0; worker < workers; ++worker)
      threads.all.emplace_back([&, worker] {
        Shift& shift = shifts[static_cast<std::size_t>(worker)];
        if (bound) bind_to(cpus[static_cast<std::size_t>(worker)]);
        ready.fetch_add(1);
        ready.notify_one();
        threads.signal.wait(Signal::wait);
        if (threads.signal.load() != Signal::go) return;
        const double cpu_before = thread_cpu_seconds();
        shift.begin = Clock::now();
        body(worker);
        shift.end = Clock::now();
        shift.cpu_seconds = thread_cpu_seconds() - cpu_before;
      });
    for (int seen = ready.load(); seen < workers; seen = ready.load()) ready.wait(seen);
    threads.tell(Signal::go);
  }
  CrewTime time;
  Clock::time_point begin = Clock::time_point::max(), end = Clock::time_point::min();
  for (const Shift& shift : shifts) {
    begin = std::min(begin, shift.begin);
    end = std::max(end, shift.end);
    time.cpu_seconds += shift.cpu_seconds;
  }
  time.seconds = std::chrono::duration<double>(end - begin).count();
  return time;
}

}  // namespace overtake::lab
