// SPDX-License-Identifier: Apache-2.0
// The yardstick for all that we write for GPUs: cuBLAS, opened when first used, because a program that is linked to it
// takes tens of milliseconds longer to start.
#include <dlfcn.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "gpu/matmul/engine/gpu_variant.cuh"

namespace overtake {
namespace {

// From cublas_api.h of CUDA 12 and 13.
struct Context;
using Status = int;  // 0: success
constexpr int kNoTranspose = 0;
// FP32 in FP32 all the way: the default may split or round for tensor cores, or emulate.
constexpr int kPedanticMath = 2;
// bf16 and tf32 say what they want by their compute type, and pedantic math would keep tensor cores from it.
constexpr int kDefaultMath = 0;
template <class T>
constexpr bool kOnTensorCores = std::is_same_v<T, Bf16> || std::is_same_v<T, Tf32>;
// What cuBLAS' documentation recommends for Hopper; less may keep it from its best kernels.
constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;
template <class T>
using Gemm = Status (*)(Context*, int trans_a, int trans_b, std::int64_t m, std::int64_t n, std::int64_t k,
                        const T* alpha, const T* a, std::int64_t lda, const T* b, std::int64_t ldb, const T* beta, T* c,
                        std::int64_t ldc);

using GemmEx = Status (*)(Context*, int trans_a, int trans_b, std::int64_t m, std::int64_t n, std::int64_t k,
                          const void* alpha, const void* a, int a_type, std::int64_t lda, const void* b, int b_type,
                          std::int64_t ldb, const void* beta, void* c, int c_type, std::int64_t ldc, int compute_type,
                          int algorithm);
// cudaDataType_t, cublasComputeType_t and cublasGemmAlgo_t.
constexpr int kRealF32 = 0, kRealBf16 = 14, kComputeF32 = 68, kComputeTf32 = 77, kDefaultAlgorithm = -1;

struct Library {
  std::string error;  // why it could not be opened; empty: the rest is there
  Status (*create)(Context**) = nullptr;
  Status (*destroy)(Context*) = nullptr;
  Status (*set_stream)(Context*, cudaStream_t) = nullptr;
  Status (*set_workspace)(Context*, void*, std::size_t) = nullptr;
  Status (*set_math_mode)(Context*, int) = nullptr;
  Status (*version)(Context*, int*) = nullptr;
  const char* (*status_string)(Status) = nullptr;
  Gemm<float> sgemm = nullptr;
  Gemm<double> dgemm = nullptr;
  GemmEx gemm_ex = nullptr;
};

Library open_library() {
  constexpr std::array kNames = {"libcublas.so.13", "libcublas.so.12", "/usr/local/cuda/lib64/libcublas.so.13",
                                 "/usr/local/cuda/lib64/libcublas.so.12"};
  Library library;
  void* handle = nullptr;
  for (const char* name : kNames)
    if (handle == nullptr) handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    library.error = "cuBLAS 12 or 13 was not found: install it, and put its folder into LD_LIBRARY_PATH";
    return library;
  }
  const auto find = [&]<class F>(const char* name, F& function) {
    function = reinterpret_cast<F>(dlsym(handle, name));
    if (function == nullptr)
      library.error = std::string("the cuBLAS that was found has no ") + name + ": install 12.0 or later";
  };
  find("cublasCreate_v2", library.create);
  find("cublasDestroy_v2", library.destroy);
  find("cublasSetStream_v2", library.set_stream);
  find("cublasSetWorkspace_v2", library.set_workspace);
  find("cublasSetMathMode", library.set_math_mode);
  find("cublasGetVersion_v2", library.version);
  find("cublasGetStatusString", library.status_string);
  find("cublasSgemm_v2_64", library.sgemm);
  find("cublasDgemm_v2_64", library.dgemm);
  find("cublasGemmEx_64", library.gemm_ex);
  return library;
}

const Library& library() {
  static const Library kLibrary = open_library();
  return kLibrary;
}

void check(Status status, const char* expression, const char* file, int line) {
  if (status != 0)
    throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + expression + ": " +
                             library().status_string(status));
}
#define OVERTAKE_CUBLAS_CHECK(expression) check((expression), #expression, __FILE__, __LINE__)

struct Destroy {
  void operator()(Context* context) const { static_cast<void>(library().destroy(context)); }
};

std::unique_ptr<Context, Destroy> make_context(int math_mode) {
  if (!library().error.empty()) throw Skip(library().error);
  Context* context = nullptr;
  OVERTAKE_CUBLAS_CHECK(library().create(&context));
  std::unique_ptr<Context, Destroy> owner(context);
  OVERTAKE_CUBLAS_CHECK(library().set_math_mode(context, math_mode));
  return owner;
}

template <class T>
class Cublas : public GpuVariant<T, Cublas<T>> {
 public:
  static std::optional<std::string> unavailable() {
    if (auto reason = cuda::device_unavailable()) return reason;
    return library().error.empty() ? std::nullopt : std::optional(library().error);
  }

  Cublas(const Matmul::Problem& p, const Resources&)
      : GpuVariant<T, Cublas>(p),
        workspace_(kWorkspaceBytes),
        context_(make_context(kOnTensorCores<T> ? kDefaultMath : kPedanticMath)) {
    OVERTAKE_CUBLAS_CHECK(library().set_stream(context_.get(), this->operands().stream().get()));
    // After the stream, which puts the default workspace back.
    OVERTAKE_CUBLAS_CHECK(library().set_workspace(context_.get(), workspace_.data(), workspace_.bytes()));
  }

  void launch_product(cudaStream_t stream) {
    const Product<T> p = this->operands().product();
    if (p.k == 0) return this->operands().fill_zero(stream);
    const Accumulator<T> one = 1, zero = 0;
    // cuBLAS is column-major, and what is row-major to us is the transpose to it: C' = B' A'.
    if constexpr (kOnTensorCores<T>) {
      constexpr int kType = std::is_same_v<T, Bf16> ? kRealBf16 : kRealF32;
      constexpr int kCompute = std::is_same_v<T, Bf16> ? kComputeF32 : kComputeTf32;
      OVERTAKE_CUBLAS_CHECK(library().gemm_ex(context_.get(), kNoTranspose, kNoTranspose, p.n, p.m, p.k, &one, p.b,
                                              kType, p.n, p.a, kType, p.k, &zero, p.c, kType, p.n, kCompute,
                                              kDefaultAlgorithm));
    } else {
      OVERTAKE_CUBLAS_CHECK(
          gemm()(context_.get(), kNoTranspose, kNoTranspose, p.n, p.m, p.k, &one, p.b, p.n, p.a, p.k, &zero, p.c, p.n));
    }
  }

  KeyValues metrics() const {
    int version = 0;
    OVERTAKE_CUBLAS_CHECK(library().version(context_.get(), &version));
    KeyValues out = GpuVariant<T, Cublas>::metrics();
    out.set("version", std::int64_t{version});
    out.set("workspace_bytes", static_cast<std::int64_t>(workspace_.bytes()));
    return out;
  }

 private:
  static Gemm<T> gemm() {
    if constexpr (std::is_same_v<T, float>)
      return library().sgemm;
    else
      return library().dgemm;
  }

  cuda::Buffer<unsigned char> workspace_;  // ends after the context that uses it
  std::unique_ptr<Context, Destroy> context_;
};

}  // namespace

OVERTAKE_YARDSTICK(Matmul, cublas, Strategy::gpu, Cublas, "cuBLAS", float, double, Bf16, Tf32);

}  // namespace overtake
