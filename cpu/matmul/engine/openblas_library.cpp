// SPDX-License-Identifier: Apache-2.0
#include "cpu/matmul/engine/openblas_library.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "cpu/matmul/engine/yardstick_library.h"

namespace overtake {
namespace {

// The wheel's symbols begin with scipy_.
template <class F>
bool find_either(void* handle, const std::string& name, F& function) {
  return find_function(handle, name, function) || find_function(handle, "scipy_" + name, function);
}

void* open_any() {
  std::vector<std::string> files = peer_files({"libscipy_openblas.so"});
  // The first is what the system or LD_LIBRARY_PATH chose; the others are where Debian keeps it beside that choice.
  files.insert(files.end(),
               {"libopenblas.so.0", "libopenblas.so", "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0",
                "/usr/lib/aarch64-linux-gnu/openblas-pthread/libopenblas.so.0"});
  return open_library(files);
}

// Static, because the second library is opened from the first.
void* default_handle() {
  static void* const kHandle = open_any();
  return kHandle;
}

std::string core_name(void* handle) {
  char* (*get)() = nullptr;
  return find_either(handle, "openblas_get_corename", get) ? get() : "unknown";
}

// "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..." -> "0.3.21"
std::string version_of(void* handle) {
  char* (*get)() = nullptr;
  if (!find_either(handle, "openblas_get_config", get)) return "unknown";
  std::string config = get();
  constexpr std::string_view kPrefix = "OpenBLAS ";
  if (config.starts_with(kPrefix)) config.erase(0, kPrefix.size());
  return config.substr(0, config.find(' '));
}

CblasLibrary functions_of(void* handle) {
  CblasLibrary library;
  if (handle == nullptr) {
    library.error = "OpenBLAS was not found: run bench/peers/fetch, or install libopenblas0-pthread (Debian, Ubuntu)";
  } else if (!find_either(handle, "cblas_sgemm", library.sgemm) || !find_either(handle, "cblas_dgemm", library.dgemm) ||
             !find_either(handle, "openblas_set_num_threads", library.set_threads) ||
             !find_either(handle, "openblas_get_num_threads", library.threads)) {
    library.error = "the libopenblas that was found lacks functions: install libopenblas0-pthread (Debian, Ubuntu)";
  } else {
    library.kernel = core_name(handle);
    library.version = version_of(handle);
  }
  return library;
}

bool is_too_narrow(void* handle) {
  constexpr std::array<std::string_view, 4> kNarrow = {"Haswell", "Zen", "Sandybridge", "Prescott"};
  return has_avx512() && std::getenv("OPENBLAS_CORETYPE") == nullptr &&
         std::ranges::find(kNarrow, core_name(handle)) != kNarrow.end();
}

// The variable works only when set before loading.
void* open_with_widest_kernel() {
  void* handle = default_handle();
  if (handle == nullptr || !is_too_narrow(handle)) return handle;
  setenv("OPENBLAS_CORETYPE", "SkylakeX", 1);
  void* wide = open_library_again(handle);
  unsetenv("OPENBLAS_CORETYPE");
  return wide != nullptr ? wide : handle;
}

}  // namespace

const CblasLibrary& openblas_by_default() {
  static const CblasLibrary kLibrary = functions_of(default_handle());
  return kLibrary;
}

const CblasLibrary& openblas_at_its_best() {
  static const CblasLibrary kLibrary = functions_of(open_with_widest_kernel());
  return kLibrary;
}

}  // namespace overtake
