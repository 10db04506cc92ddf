// SPDX-License-Identifier: Apache-2.0
// Loaded before everything else into the program under test (LD_PRELOAD): system calls that fail as a full disk, a
// broken one, or a system without descriptors makes them fail, allocations that fail, and a clock that jumps. What
// fails is said by the environment: FAULT=write|openat|socket|new|malloc, FAULT_ERRNO=N, FAULT_AFTER=N good calls
// first, FAULT_TIMES=N failures at most; FAULT=worker: worker processes die at once; CLOCK_JUMPS=1. Writes fail on
// .part files only; allocations from the first connection on, also to a worker, and each says so on stderr.
// PEAK_TO=FILE: the most memory that the program had, in kB, written at its end.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

// NOLINTBEGIN(readability-identifier-naming): the C library's names
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
}
// NOLINTEND(readability-identifier-naming)

namespace {

std::atomic<long> calls = 0, jumps = 0;
std::atomic<bool> connected = false;

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

bool allocation_fails(const char* what) {
  if (!connected || !fails(what)) return false;
  errno = ENOMEM;
  constexpr char kText[] = "fault: no memory\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kText, sizeof kText - 1);
  return true;
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
  if (domain == AF_INET) connected = true;
  return kReal(domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int* pair) noexcept {
  static const auto kReal = real<int (*)(int, int, int, int*)>("socketpair");
  connected = true;  // to a worker process
  return kReal(domain, type, protocol, pair);
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

#ifndef OVERTAKE_SANITIZED  // which have their own
void* malloc(size_t size) noexcept { return allocation_fails("malloc") ? nullptr : __libc_malloc(size); }
void* calloc(size_t count, size_t size) noexcept {
  return allocation_fails("malloc") ? nullptr : __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) noexcept {
  return allocation_fails("malloc") ? nullptr : __libc_realloc(old, size);
}
#endif

__attribute__((constructor)) void die_at_start() {
  if (std::getenv("OVERTAKE_CHILD") != nullptr && fails("worker")) raise(SIGKILL);
}

__attribute__((destructor)) void write_peak() {
  const char* const path = std::getenv("PEAK_TO");
  if (path == nullptr) return;
  char text[8192];
  const int status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  const ssize_t size = read(status, text, sizeof text - 1);
  text[size > 0 ? size : 0] = '\0';
  const char* const peak = std::strstr(text, "VmHWM:");
  const int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (peak != nullptr)
    for (const char* c = peak + 6; *c != '\n'; ++c)
      if (*c >= '0' && *c <= '9') [[maybe_unused]]
        const auto written = write(out, c, 1);
}

}  // extern "C"

#ifndef OVERTAKE_SANITIZED
void* operator new(std::size_t size) {
  void* const memory = allocation_fails("new") ? nullptr : malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif
