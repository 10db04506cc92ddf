// SPDX-License-Identifier: Apache-2.0
// A stand-in for NVIDIA's libnvidia-ml.so.1 with two GPUs, so that core/system/nvml.cpp is tested where there is none.
// FAKE_NVML_INIT makes nvmlInit_v2 return that number, FAKE_NVML_THROTTLE is what holds the clocks down.
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {
constexpr int kNotSupported = 3;
int text(char* out, unsigned bytes, const char* value) {
  std::snprintf(out, bytes, "%s", value);
  return 0;
}
int number(unsigned* out, unsigned value) {
  *out = value;
  return 0;
}
bool first(const void* device) { return reinterpret_cast<std::size_t>(device) == 1; }
}  // namespace

// NOLINTBEGIN(readability-identifier-naming): NVML's names
extern "C" {
int nvmlInit_v2() {
  const char* status = std::getenv("FAKE_NVML_INIT");
  return status ? std::atoi(status) : 0;
}
int nvmlShutdown() { return 0; }
const char* nvmlErrorString(int status) { return status == kNotSupported ? "Not Supported" : "Driver Not Loaded"; }
int nvmlSystemGetDriverVersion(char* out, unsigned bytes) { return text(out, bytes, "570.86.15"); }
int nvmlSystemGetCudaDriverVersion_v2(int* out) { return *out = 12080, 0; }
int nvmlDeviceGetCount_v2(unsigned* out) { return number(out, 2); }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** out) {
  *out = reinterpret_cast<void*>(static_cast<std::size_t>(index) + 1);  // NOLINT(performance-no-int-to-ptr)
  return 0;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* place, void** out) {
  if (std::string_view(place) != "0000:1A:00.0") return 6;
  return nvmlDeviceGetHandleByIndex_v2(0, out);
}
// By its older name alone, as drivers before 535 have it.
int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* out) {
  const char* bits = std::getenv("FAKE_NVML_THROTTLE");
  *out = bits ? std::strtoull(bits, nullptr, 0) : 0;
  return 0;
}
int nvmlDeviceGetName(void* device, char* out, unsigned bytes) {
  return text(out, bytes, first(device) ? "NVIDIA H200" : "NVIDIA GeForce RTX 4070");
}
int nvmlDeviceGetCudaComputeCapability(void* device, int* major, int* minor) {
  *major = first(device) ? 9 : 8;
  *minor = first(device) ? 0 : 9;
  return 0;
}
int nvmlDeviceGetMemoryInfo(void* device, unsigned long long* out) {  // total, free, used
  out[0] = first(device) ? 150754820096ull : 12878610432ull;
  out[1] = out[2] = 0;
  return 0;
}
int nvmlDeviceGetMaxClockInfo(void*, int which, unsigned* out) { return number(out, which == 1 ? 1980 : 3201); }
int nvmlDeviceGetClockInfo(void*, int which, unsigned* out) { return number(out, which == 1 ? 345 : 3201); }
int nvmlDeviceGetEnforcedPowerLimit(void*, unsigned* out) { return number(out, 700000); }
int nvmlDeviceGetEccMode(void* device, unsigned* now, unsigned* pending) {
  if (!first(device)) return kNotSupported;
  return *pending = 1, number(now, 1);
}
int nvmlDeviceGetMigMode(void* device, unsigned* now, unsigned* pending) {
  if (!first(device)) return kNotSupported;
  return *pending = 1, number(now, 0);
}
int nvmlDeviceGetMaxPcieLinkGeneration(void*, unsigned* out) { return number(out, 5); }
int nvmlDeviceGetCurrPcieLinkGeneration(void*, unsigned* out) { return number(out, 1); }
int nvmlDeviceGetMaxPcieLinkWidth(void*, unsigned* out) { return number(out, 16); }
int nvmlDeviceGetCurrPcieLinkWidth(void*, unsigned* out) { return number(out, 16); }
// nvmlDeviceGetPersistenceMode is left out, as an older driver may.
}
// NOLINTEND(readability-identifier-naming)
