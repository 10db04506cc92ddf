// SPDX-License-Identifier: Apache-2.0
// The yardstick for all that we write for CPUs: OpenBLAS, with kernels in assembly for each CPU. It is opened when
// first used, because the variable that picks its kernel works only when set before loading.
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/memory/view.h"
#include "core/registry/variant.h"
#include "core/workload/matmul.h"
#include "cpu/matmul/engine/gemm.h"

namespace overtake {
namespace {

// From cblas.h, which need not be installed.
enum CblasOrder : int { kRowMajor = 101 };
enum CblasTranspose : int { kNoTranspose = 111 };
template <class T>
using Gemm = void (*)(CblasOrder, CblasTranspose, CblasTranspose, int m, int n, int k, T alpha, const T* a, int lda,
                      const T* b, int ldb, T beta, T* c, int ldc);

struct Library {
  std::string error;  // why it could not be opened; empty: the rest is there
  std::string core, version;
  Gemm<float> sgemm = nullptr;
  Gemm<double> dgemm = nullptr;
  void (*set_threads)(int) = nullptr;
  int (*threads)() = nullptr;
};

bool has_avx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

void* open_any() {
  // The first is what the system or LD_LIBRARY_PATH chose; the others are where Debian keeps it beside that choice.
  constexpr std::array kNames = {"libopenblas.so.0", "libopenblas.so",
                                 "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0",
                                 "/usr/lib/aarch64-linux-gnu/openblas-pthread/libopenblas.so.0"};
  for (const char* name : kNames)
    if (void* handle = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return handle;
  return nullptr;
}

template <class F>
bool find(void* handle, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(handle, name));
  return function != nullptr;
}

std::string core_name(void* handle) {
  char* (*get)() = nullptr;
  return find(handle, "openblas_get_corename", get) ? get() : "unknown";
}

// "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..." -> "0.3.21"
std::string version_of(void* handle) {
  char* (*get)() = nullptr;
  if (!find(handle, "openblas_get_config", get)) return "unknown";
  std::string config = get();
  constexpr std::string_view kPrefix = "OpenBLAS ";
  if (config.starts_with(kPrefix)) config.erase(0, kPrefix.size());
  return config.substr(0, config.find(' '));
}

// Versions that do not know a newer CPU with AVX-512 take a kernel with half as wide vectors (0.3.21 on Zen 4 and
// later). One that chose so is opened again with the best kernel that all CPUs with AVX-512 run.
void* with_widest_kernel(void* handle) {
  constexpr std::array<std::string_view, 4> kNarrow = {"Haswell", "Zen", "Sandybridge", "Prescott"};
  if (!has_avx512() || std::getenv("OPENBLAS_CORETYPE") != nullptr ||
      std::ranges::find(kNarrow, core_name(handle)) == kNarrow.end())
    return handle;
  dlclose(handle);
  setenv("OPENBLAS_CORETYPE", "SkylakeX", 1);
  handle = open_any();
  unsetenv("OPENBLAS_CORETYPE");
  return handle;
}

Library open_library() {
  Library library;
  void* handle = open_any();
  if (handle != nullptr) handle = with_widest_kernel(handle);
  if (handle == nullptr) {
    library.error = "OpenBLAS was not found: install libopenblas0-pthread (Debian, Ubuntu)";
    return library;
  }
  if (!find(handle, "cblas_sgemm", library.sgemm) || !find(handle, "cblas_dgemm", library.dgemm) ||
      !find(handle, "openblas_set_num_threads", library.set_threads) ||
      !find(handle, "openblas_get_num_threads", library.threads)) {
    library.error = "the libopenblas that was found lacks functions: install libopenblas0-pthread (Debian, Ubuntu)";
    return library;
  }
  library.core = core_name(handle);
  library.version = version_of(handle);
  return library;
}

const Library& library() {
  static const Library kLibrary = open_library();
  return kLibrary;
}

template <class T>
class OpenBlas {
 public:
  static std::optional<std::string> unavailable() {
    return library().error.empty() ? std::nullopt : std::optional(library().error);
  }

  OpenBlas(const Matmul::Problem& p, const Resources& resources) : workers_(resources.workers) {
    if (!library().error.empty()) throw Skip(library().error);
    if (std::max({p.m, p.n, p.k, p.n + p.pad, p.k + p.pad}) > std::numeric_limits<int>::max())
      throw Skip("OpenBLAS counts in 32 bits: rows of this problem are longer");
  }

  void load(View<const T> a, View<const T> b, View<T> c) {
    a_ = a;
    b_ = b;
    c_ = c;
  }

  void run() {
    if (c_.size() == 0) return;
    if (a_.cols == 0) return fill_zero(c_);
    // Here, because another instance may have set another number.
    library().set_threads(workers_);
    const auto size = [](std::int64_t extent) { return static_cast<int>(extent); };
    gemm()(kRowMajor, kNoTranspose, kNoTranspose, size(c_.rows), size(c_.cols), size(a_.cols), T{1}, a_.data,
           size(a_.stride), b_.data, size(b_.stride), T{0}, c_.data, size(c_.stride));
    used_ = library().threads();
  }

  void store() {}

  int workers() const { return used_ > 0 ? used_ : workers_; }
  KeyValues metrics() const { return {{"kernel", library().core}, {"version", library().version}}; }

 private:
  static Gemm<T> gemm() {
    if constexpr (sizeof(T) == sizeof(float))
      return library().sgemm;
    else
      return library().dgemm;
  }

  int workers_, used_ = 0;
  View<const T> a_, b_;
  View<T> c_;
};

}  // namespace

OVERTAKE_YARDSTICK(Matmul, openblas, Strategy::threads, OpenBlas, "OpenBLAS", float, double);

}  // namespace overtake
