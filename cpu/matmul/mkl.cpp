// SPDX-License-Identifier: Apache-2.0
// A yardstick: Intel's MKL, which takes its AVX2 or a general path on CPUs of other makers. It is opened when first
// used.
#include <link.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/registry/variant.h"
#include "cpu/matmul/engine/cblas_product.h"
#include "cpu/matmul/engine/yardstick_library.h"

namespace overtake {
namespace {

// libmkl_rt opens the kernels for the CPU when the first product is asked for: /…/libmkl_avx2.so.3 -> "avx2".
std::string loaded_kernel(CblasGemm<float> sgemm) {
  const float a = 1, b = 1;
  float c = 0;
  sgemm(kRowMajor, kNoTranspose, kNoTranspose, 1, 1, 1, 1, &a, 1, &b, 1, 0, &c, 1);
  std::string kernel = "unknown";
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        const std::string_view path = info->dlpi_name;
        const std::string_view name = path.substr(path.rfind('/') + 1);
        constexpr std::string_view kPrefix = "libmkl_";
        const std::string_view rest = name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : std::string_view();
        const std::string_view word = rest.substr(0, rest.find('.'));
        for (const std::string_view known : {"def", "mc", "mc3", "avx", "avx2", "avx512", "avx10"})
          if (word == known) *static_cast<std::string*>(out) = word;
        return 0;
      },
      &kernel);
  return kernel;
}

// "Intel(R) oneAPI Math Kernel Library Version 2024.0-Product Build ..." -> "2024.0-Product"
std::string number_in(const std::string& text) {
  constexpr std::string_view kWord = "Version ";
  const auto at = text.find(kWord);
  if (at == std::string::npos) return text;
  const auto first = at + kWord.size();
  return text.substr(first, text.find(' ', first) - first);
}

CblasLibrary open_mkl() {
  CblasLibrary library;
  std::vector<std::string> files = peer_files({"libmkl_rt.so.3", "libmkl_rt.so.2"});
  files.insert(files.end(), {"libmkl_rt.so.3", "libmkl_rt.so.2", "libmkl_rt.so"});
  void* handle = open_library(files);
  if (handle == nullptr) {
    library.error = "MKL was not found: run bench/peers/fetch, or install intel-mkl (Debian non-free)";
    return library;
  }
  // mkl_service.h: layers are chosen before the first call. 3 is libgomp, which this program uses too; 0 is LP64.
  int (*set_threading)(int) = nullptr;
  int (*set_interface)(int) = nullptr;
  void (*version)(char*, int) = nullptr;
  if (!find_function(handle, "MKL_Set_Threading_Layer", set_threading) ||
      !find_function(handle, "MKL_Set_Interface_Layer", set_interface) ||
      !find_function(handle, "MKL_Get_Version_String", version) ||
      !find_function(handle, "cblas_sgemm", library.sgemm) || !find_function(handle, "cblas_dgemm", library.dgemm) ||
      !find_function(handle, "MKL_Set_Num_Threads", library.set_threads) ||
      !find_function(handle, "MKL_Get_Max_Threads", library.threads)) {
    library.error = "the libmkl_rt that was found lacks functions: run bench/peers/fetch";
    return library;
  }
  constexpr int kGnu = 3, kLp64 = 0;
  set_threading(kGnu);
  set_interface(kLp64);
  std::array<char, 256> text{};
  version(text.data(), static_cast<int>(text.size()) - 1);
  library.version = number_in(text.data());
  library.kernel = loaded_kernel(library.sgemm);
  return library;
}

const CblasLibrary& library() {
  static const CblasLibrary kLibrary = open_mkl();
  return kLibrary;
}

template <class T>
using Mkl = CblasProduct<T, library>;

}  // namespace

OVERTAKE_YARDSTICK(Matmul, mkl, Strategy::threads, Mkl, "MKL", float, double);

}  // namespace overtake
