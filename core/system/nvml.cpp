// SPDX-License-Identifier: Apache-2.0
#include "core/system/nvml.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <memory>
#include <utility>

namespace overtake {
namespace {

// The few declarations needed of nvml.h, by NVIDIA's "NVML API Reference Guide"; its ABI is stable under these names.
using Device = void*;
struct Memory {
  unsigned long long total, free, used;
};
constexpr int kSuccess = 0;
constexpr unsigned kSmClock = 1, kMemoryClock = 2;
constexpr unsigned kTextBytes = 96;

class Library {
 public:
  explicit Library(const std::string& name) {
    // WSL keeps the driver's libraries in a folder of its own.
    for (const std::string& path :
         name.empty() ? std::vector<std::string>{"libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1"}
                      : std::vector<std::string>{name})
      if (!handle_) handle_.reset(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!handle_) return;
    const auto init = function<int()>("nvmlInit_v2");
    status_ = init ? init() : -1;
  }
  ~Library() {
    const auto shutdown = function<int()>("nvmlShutdown");
    if (status_ == kSuccess && shutdown) shutdown();
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  bool opened() const { return handle_ != nullptr; }
  int status() const { return status_; }

  template <class F>
  F* function(const char* name) const {
    return handle_ ? reinterpret_cast<F*>(dlsym(handle_.get(), name)) : nullptr;
  }

  std::string error(int status) const {
    const auto text = function<const char*(int)>("nvmlErrorString");
    return text && status > 0 ? text(status) : "an entry point is missing";
  }

  /// Calls an NVML function; the reason names it where it is missing or fails.
  template <class... Args>
  std::string call(const char* name, Args... args) const {
    const auto f = function<int(Args...)>(name);
    if (!f) return fmt::format("this driver has no {}", name);
    const int status = f(args...);
    return status == kSuccess ? "" : fmt::format("{}: {}", name, error(status));
  }

 private:
  struct Close {
    void operator()(void* handle) const { dlclose(handle); }
  };
  std::unique_ptr<void, Close> handle_;
  int status_ = -1;
};

Fact<std::string> text_from(const Library& nvml, const char* name) {
  char text[kTextBytes] = {};
  const std::string reason = nvml.call(name, static_cast<char*>(text), kTextBytes);
  return reason.empty() ? Fact<std::string>::of(text) : Fact<std::string>::missing(reason);
}

Fact<std::int64_t> number(const Library& nvml, const char* name, Device device) {
  unsigned value = 0;
  const std::string reason = nvml.call(name, device, &value);
  return reason.empty() ? Fact<std::int64_t>::of(value) : Fact<std::int64_t>::missing(reason);
}

Fact<std::int64_t> clock_hz(const Library& nvml, const char* name, Device device, unsigned which) {
  unsigned mhz = 0;
  const std::string reason = nvml.call(name, device, which, &mhz);
  return reason.empty() ? Fact<std::int64_t>::of(std::int64_t{mhz} * 1'000'000) : Fact<std::int64_t>::missing(reason);
}

Fact<bool> mode(const Library& nvml, const char* name, Device device) {
  unsigned now = 0, after_reboot = 0;
  const std::string reason = nvml.call(name, device, &now, &after_reboot);
  return reason.empty() ? Fact<bool>::of(now != 0) : Fact<bool>::missing(reason);
}

Gpu read_gpu(const Library& nvml, Device device) {
  Gpu out;
  char name[kTextBytes] = {};
  std::string reason = nvml.call("nvmlDeviceGetName", device, static_cast<char*>(name), kTextBytes);
  out.name = reason.empty() ? Fact<std::string>::of(name) : Fact<std::string>::missing(reason);
  int major = 0, minor = 0;
  reason = nvml.call("nvmlDeviceGetCudaComputeCapability", device, &major, &minor);
  out.compute_capability =
      reason.empty() ? Fact<std::string>::of(fmt::format("{}.{}", major, minor)) : Fact<std::string>::missing(reason);
  Memory memory{};
  reason = nvml.call("nvmlDeviceGetMemoryInfo", device, &memory);
  out.memory_bytes = reason.empty() ? Fact<std::int64_t>::of(static_cast<std::int64_t>(memory.total))
                                    : Fact<std::int64_t>::missing(reason);
  out.sm_clock_max_hz = clock_hz(nvml, "nvmlDeviceGetMaxClockInfo", device, kSmClock);
  out.sm_clock_hz = clock_hz(nvml, "nvmlDeviceGetClockInfo", device, kSmClock);
  out.memory_clock_max_hz = clock_hz(nvml, "nvmlDeviceGetMaxClockInfo", device, kMemoryClock);
  out.memory_clock_hz = clock_hz(nvml, "nvmlDeviceGetClockInfo", device, kMemoryClock);
  out.power_limit_watts = number(nvml, "nvmlDeviceGetEnforcedPowerLimit", device);  // milliwatts
  if (out.power_limit_watts.value) *out.power_limit_watts.value /= 1000;
  out.ecc = mode(nvml, "nvmlDeviceGetEccMode", device);
  out.mig = mode(nvml, "nvmlDeviceGetMigMode", device);
  const auto persistence = number(nvml, "nvmlDeviceGetPersistenceMode", device);
  out.persistence =
      persistence.value ? Fact<bool>::of(*persistence.value != 0) : Fact<bool>::missing(persistence.reason);
  out.pcie_generation_max = number(nvml, "nvmlDeviceGetMaxPcieLinkGeneration", device);
  out.pcie_generation = number(nvml, "nvmlDeviceGetCurrPcieLinkGeneration", device);
  out.pcie_lanes_max = number(nvml, "nvmlDeviceGetMaxPcieLinkWidth", device);
  out.pcie_lanes = number(nvml, "nvmlDeviceGetCurrPcieLinkWidth", device);
  return out;
}

// Why it cannot be asked; empty where it can.
std::string unusable(const Library& nvml, const std::string& library) {
  if (!nvml.opened())
    return fmt::format("{} cannot be opened: no NVIDIA driver is installed",
                       library.empty() ? "libnvidia-ml.so.1" : library);
  return nvml.status() == kSuccess ? "" : "NVIDIA's driver does not answer: " + nvml.error(nvml.status());
}

// nvmlClocksEventReason* of nvml.h, bit by bit.
constexpr std::array<const char*, 9> kThrottleReasons = {
    "idle",    "application_clocks", "power_cap",   "hardware_slowdown", "sync_boost",
    "thermal", "hardware_thermal",   "power_brake", "display_clocks",
};

std::string throttle_text(unsigned long long bits) {
  std::string text;
  const auto add = [&](const std::string& reason) { text += (text.empty() ? "" : "+") + reason; };
  for (std::size_t bit = 0; bit < kThrottleReasons.size(); ++bit) {
    if ((bits >> bit & 1) != 0) add(kThrottleReasons[bit]);
    bits &= ~(1ULL << bit);
  }
  if (bits != 0) add(fmt::format("{:#x}", bits));
  return text.empty() ? "none" : text;
}

}  // namespace

struct GpuWatch::Opened {
  explicit Opened(const std::string& name) : nvml(name) {}
  Library nvml;
  Device device = nullptr;
  std::string reason;
};

GpuWatch::GpuWatch(const std::string& pci_bus_id, const std::string& library) {
  auto opened = std::make_unique<Opened>(library);
  opened->reason = unusable(opened->nvml, library);
  if (opened->reason.empty())
    opened->reason = opened->nvml.call("nvmlDeviceGetHandleByPciBusId_v2", pci_bus_id.c_str(), &opened->device);
  opened_ = std::move(opened);
}

GpuWatch::~GpuWatch() = default;

GpuState GpuWatch::now() const {
  if (!opened_->reason.empty())
    return {Fact<std::int64_t>::missing(opened_->reason), Fact<std::string>::missing(opened_->reason)};
  unsigned long long bits = 0;
  std::string reason = opened_->nvml.call("nvmlDeviceGetCurrentClocksEventReasons", opened_->device, &bits);
  // Its name before driver 535.
  if (!reason.empty()) reason = opened_->nvml.call("nvmlDeviceGetCurrentClocksThrottleReasons", opened_->device, &bits);
  return {clock_hz(opened_->nvml, "nvmlDeviceGetClockInfo", opened_->device, kSmClock),
          reason.empty() ? Fact<std::string>::of(throttle_text(bits)) : Fact<std::string>::missing(reason)};
}

Gpus read_gpus(const std::string& library) {
  Gpus out;
  const Library nvml(library);
  out.reason = unusable(nvml, library);
  unsigned count = 0;
  if (out.reason.empty()) out.reason = nvml.call("nvmlDeviceGetCount_v2", &count);
  if (!out.reason.empty()) {
    out.driver_version = out.cuda_version = Fact<std::string>::missing(out.reason);
    return out;
  }
  out.driver_version = text_from(nvml, "nvmlSystemGetDriverVersion");
  int cuda = 0;  // 12080: 12.8
  const std::string reason = nvml.call("nvmlSystemGetCudaDriverVersion_v2", &cuda);
  out.cuda_version = reason.empty() ? Fact<std::string>::of(fmt::format("{}.{}", cuda / 1000, cuda % 1000 / 10))
                                    : Fact<std::string>::missing(reason);
  for (unsigned index = 0; index < count; ++index) {
    Device device = nullptr;
    const std::string why_not = nvml.call("nvmlDeviceGetHandleByIndex_v2", index, &device);
    if (!why_not.empty()) {
      out.reason = why_not;
      return out;
    }
    out.gpus.push_back(read_gpu(nvml, device));
  }
  return out;
}

}  // namespace overtake
