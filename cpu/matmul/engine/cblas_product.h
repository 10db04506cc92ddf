// SPDX-License-Identifier: Apache-2.0
// A matrix product by a library with the CBLAS interface: what the variants openblas, openblas_default and mkl share.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include "core/error.h"
#include "core/memory/view.h"
#include "core/registry/instance.h"
#include "core/workload/matmul.h"
#include "cpu/matmul/engine/gemm.h"

namespace overtake {

// From cblas.h, which need not be installed.
enum CblasOrder : int { kRowMajor = 101 };
enum CblasTranspose : int { kNoTranspose = 111 };
template <class T>
using CblasGemm = void (*)(CblasOrder, CblasTranspose, CblasTranspose, int m, int n, int k, T alpha, const T* a,
                           int lda, const T* b, int ldb, T beta, T* c, int ldc);

struct CblasLibrary {
  std::string error;            // why it could not be opened; empty: the rest is there
  std::string kernel, version;  // which code it picked for this CPU
  CblasGemm<float> sgemm = nullptr;
  CblasGemm<double> dgemm = nullptr;
  void (*set_threads)(int) = nullptr;
  int (*threads)() = nullptr;
};

/// `library` is opened when first asked for.
template <class T, const CblasLibrary& (*library)()>
class CblasProduct {
 public:
  static std::optional<std::string> unavailable() {
    return library().error.empty() ? std::nullopt : std::optional(library().error);
  }

  CblasProduct(const Matmul::Problem& p, const Resources& resources) : workers_(resources.workers) {
    if (!library().error.empty()) throw Skip(library().error);
    if (std::max({p.m, p.n, p.k, p.n + p.pad, p.k + p.pad}) > std::numeric_limits<int>::max())
      throw Skip("this library counts in 32 bits: rows of this problem are longer");
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
  KeyValues metrics() const { return {{"kernel", library().kernel}, {"version", library().version}}; }

 private:
  static CblasGemm<T> gemm() {
    if constexpr (std::is_same_v<T, float>)
      return library().sgemm;
    else
      return library().dgemm;
  }

  int workers_, used_ = 0;
  View<const T> a_, b_;
  View<T> c_;
};

}  // namespace overtake
