// SPDX-License-Identifier: Apache-2.0
// A yardstick: oneDNN's dnnl_sgemm, whose kernels are made for the CPU at run time. f32 only: it has no f64 product. It
// is opened when first used.
#include <omp.h>

#include <optional>

#include "core/registry/variant.h"
#include "core/workload/matmul.h"
#include "cpu/matmul/engine/gemm.h"
#include "cpu/matmul/engine/yardstick_library.h"

namespace overtake {
namespace {

// From dnnl.h, which need not be installed. Row-major; 0 is dnnl_success.
using Sgemm = int (*)(char transa, char transb, std::int64_t m, std::int64_t n, std::int64_t k, float alpha,
                      const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c,
                      std::int64_t ldc);
struct Version {
  int major, minor, patch;
};

struct Library {
  std::string error;  // why it could not be opened; empty: the rest is there
  std::string kernel, version;
  Sgemm sgemm = nullptr;
};

// dnnl_cpu_isa_t
std::string isa_name(int isa) {
  switch (isa) {
    case 0x1:
      return "SSE41";
    case 0x3:
      return "AVX";
    case 0x7:
      return "AVX2";
    case 0xf:
    case 0x17:
      return "AVX2_VNNI";
    case 0x1f:
      return "AVX2_VNNI_2";
    case 0x27:
      return "AVX512_CORE";
    case 0x67:
      return "AVX512_CORE_VNNI";
    case 0xe7:
      return "AVX512_CORE_BF16";
    case 0x1ef:
      return "AVX512_CORE_FP16";
    default:
      return "isa_" + std::to_string(isa);
  }
}

Library open_onednn() {
  Library library;
  std::vector<std::string> files = peer_files({"libdnnl.so.3"});
  files.insert(files.end(), {"libdnnl.so.3", "libdnnl.so.2"});
  void* handle = open_library(files);
  const Version* (*version)() = nullptr;
  int (*isa)() = nullptr;
  if (handle == nullptr) {
    library.error = "oneDNN was not found: run bench/peers/fetch, or install libdnnl2 (Debian) or libdnnl3 (Ubuntu)";
  } else if (!find_function(handle, "dnnl_sgemm", library.sgemm) || !find_function(handle, "dnnl_version", version) ||
             !find_function(handle, "dnnl_get_effective_cpu_isa", isa)) {
    library.error = "the libdnnl that was found lacks functions: run bench/peers/fetch";
  } else {
    const Version& v = *version();
    library.version = std::to_string(v.major) + "." + std::to_string(v.minor) + "." + std::to_string(v.patch);
    library.kernel = isa_name(isa());
  }
  return library;
}

const Library& library() {
  static const Library kLibrary = open_onednn();
  return kLibrary;
}

template <class T>
class OneDnn {
 public:
  static std::optional<std::string> unavailable() {
    return library().error.empty() ? std::nullopt : std::optional(library().error);
  }

  OneDnn(const Matmul::Problem&, const Resources& resources) : workers_(resources.workers) {
    if (!library().error.empty()) throw Skip(library().error);
  }

  void load(View<const T> a, View<const T> b, View<T> c) {
    a_ = a;
    b_ = b;
    c_ = c;
  }

  void run() {
    if (c_.size() == 0) return;
    if (a_.cols == 0) return fill_zero(c_);
    // It takes as many threads as OpenMP would, and shares this program's OpenMP.
    const int before = omp_get_max_threads();
    omp_set_num_threads(workers_);
    const int status = library().sgemm('N', 'N', c_.rows, c_.cols, a_.cols, 1, a_.data, a_.stride, b_.data, b_.stride,
                                       0, c_.data, c_.stride);
    omp_set_num_threads(before);
    if (status != 0) throw std::runtime_error("dnnl_sgemm failed with status " + std::to_string(status));
  }

  void store() {}

  int workers() const { return workers_; }
  KeyValues metrics() const { return {{"kernel", library().kernel}, {"version", library().version}}; }

 private:
  int workers_;
  View<const T> a_, b_;
  View<T> c_;
};

}  // namespace

OVERTAKE_YARDSTICK(Matmul, onednn, Strategy::threads, OneDnn, "oneDNN", float);

}  // namespace overtake
