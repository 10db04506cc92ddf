// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/interference.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace overtake::bench {
namespace {

namespace fs = std::filesystem;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Second field of schedstat: nanoseconds spent on a run queue (Linux, Documentation/scheduler/sched-stats.rst).
double seconds_waited() {
  double total = 0;
  std::error_code error;
  for (const auto& thread : fs::directory_iterator("/proc/self/task", error)) {
    std::ifstream file(thread.path() / "schedstat");
    std::int64_t ran = 0, waited = 0;
    if (!(file >> ran >> waited)) return -1;
    total += 1e-9 * static_cast<double>(waited);
  }
  return error ? -1 : total;
}

// Of this process' own CPU control group: version 2 counts microseconds, version 1 nanoseconds.
double seconds_throttled() {
  for (const char* path : {"/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/cpu/cpu.stat"}) {
    std::ifstream file(path);
    std::string key;
    for (double value = 0; file >> key >> value;) {
      if (key == "throttled_usec") return 1e-6 * value;
      if (key == "throttled_time") return 1e-9 * value;
    }
  }
  return -1;
}

}  // namespace

Interference::Snapshot Interference::snapshot() {
  Snapshot out{.waited = seconds_waited(), .throttled = seconds_throttled()};
  // "cpu user nice system idle iowait irq softirq steal ...", in ticks (proc_stat(5)).
  std::ifstream stat("/proc/stat");
  std::string name;
  stat >> name;
  std::int64_t ticks = 0;
  for (int field = 0; field < 8 && stat >> ticks; ++field) {
    out.all_ticks += ticks;
    if (field == 7) out.stolen_ticks = ticks;
  }
  out.at = now();
  return out;
}

void Interference::look_at_clock() {
  for (int cpu = 0; cpu < 4; ++cpu) {  // a few cores tell of a change of governor or heat
    std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq/scaling_cur_freq");
    double kilohertz = 0;
    if (!(file >> kilohertz) || kilohertz <= 0) return;
    const double hertz = 1e3 * kilohertz;
    clock_low_ = clock_low_ > 0 ? std::min(clock_low_, hertz) : hertz;
    clock_high_ = std::max(clock_high_, hertz);
  }
}

void Interference::start() {
  look_at_clock();
  before_ = snapshot();
}

void Interference::stop() {
  const Snapshot after = snapshot();
  look_at_clock();
  seconds_ += after.at - before_.at;
  // A thread that ended takes its count with it.
  if (before_.waited < 0 || after.waited < 0)
    knows_waiting_ = false;
  else
    waited_ += std::max(0.0, after.waited - before_.waited);
  if (before_.throttled >= 0) throttled_ += std::max(0.0, after.throttled - before_.throttled);
  stolen_ticks_ += after.stolen_ticks - before_.stolen_ticks;
  all_ticks_ += after.all_ticks - before_.all_ticks;
}

void Interference::add_to(KeyValues& metrics) const {
  if (knows_waiting_ && seconds_ > 0) metrics.set("runqueue_wait", waited_ / seconds_);
  if (all_ticks_ > 0) metrics.set("steal", static_cast<double>(stolen_ticks_) / static_cast<double>(all_ticks_));
  if (throttled_ > 0) metrics.set("throttled_seconds", throttled_);
  if (clock_low_ > 0) {
    metrics.set("clock_hz_low", clock_low_);
    metrics.set("clock_hz_high", clock_high_);
  }
}

}  // namespace overtake::bench
