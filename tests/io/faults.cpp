// SPDX-License-Identifier: Apache-2.0
// Loaded before everything else into the program under test (LD_PRELOAD): system calls that fail as a full disk, a
// broken one, or a system without descriptors makes them fail, and a clock that jumps. What fails is said by the
// environment: FAULT=write|openat|socket, FAULT_ERRNO=N, FAULT_AFTER=N good calls first, FAULT_TIMES=N failures at
// most; CLOCK_JUMPS=1. Calls on descriptors 0 to 2 and files outside of FAULT_FOLDER's name are left alone.
#include <dlfcn.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> calls = 0, jumps = 0;

long number(const char* name, long otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atol(text);
}

bool fails(const char* what) {
  const char* const fault = std::getenv("FAULT");
  if (fault == nullptr || std::strcmp(fault, what) != 0) return false;
  const long call = calls++, after = number("FAULT_AFTER", 0);
  if (call < after || call >= after + number("FAULT_TIMES", 1'000'000)) return false;
  errno = static_cast<int>(number("FAULT_ERRNO", EIO));
  return true;
}

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// Whether the descriptor is a file with ".part" in its name.
bool is_part(int fd) {
  char link[64] = "/proc/self/fd/", path[512] = "";
  std::size_t at = std::strlen(link);
  char digits[16];
  int count = 0;
  for (int left = fd; left > 0 || count == 0; left /= 10) digits[count++] = static_cast<char>('0' + left % 10);
  while (count > 0) link[at++] = digits[--count];
  link[at] = '\0';
  return readlink(link, path, sizeof path - 1) > 0 && std::strstr(path, ".part") != nullptr;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* data, size_t size) {
  static const auto kReal = real<ssize_t (*)(int, const void*, size_t)>("write");
  if (fd > 2 && std::getenv("FAULT") != nullptr && is_part(fd) && fails("write")) return -1;
  return kReal(fd, data, size);
}

int openat(int folder, const char* path, int flags, ...) {
  static const auto kReal = real<int (*)(int, const char*, int, ...)>("openat");
  va_list rest;
  va_start(rest, flags);
  const int mode = va_arg(rest, int);
  va_end(rest);
  if (std::strstr(path, ".part") != nullptr && (flags & 0100) != 0 && fails("openat")) return -1;
  return kReal(folder, path, flags, mode);
}

int socket(int domain, int type, int protocol) noexcept {
  static const auto kReal = real<int (*)(int, int, int)>("socket");
  if (domain == AF_INET && fails("socket")) return -1;
  return kReal(domain, type, protocol);
}

// An hour to and fro with every look at it; the monotonic clocks are left alone.
time_t time(time_t* into) noexcept {
  static const auto kReal = real<time_t (*)(time_t*)>("time");
  time_t now = kReal(nullptr);
  if (std::getenv("CLOCK_JUMPS") != nullptr) now += jumps++ % 2 == 0 ? 3600 : -3600;
  if (into != nullptr) *into = now;
  return now;
}

int gettimeofday(timeval* __restrict now, void* __restrict zone) noexcept {
  static const auto kReal = real<int (*)(timeval*, void*)>("gettimeofday");
  const int out = kReal(now, zone);
  if (std::getenv("CLOCK_JUMPS") != nullptr) now->tv_sec += jumps++ % 2 == 0 ? 3600 : -3600;
  return out;
}

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const auto kReal = real<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int out = kReal(clock, now);
  if (clock == CLOCK_REALTIME && std::getenv("CLOCK_JUMPS") != nullptr) now->tv_sec += jumps++ % 2 == 0 ? 3600 : -3600;
  return out;
}

}  // extern "C"
