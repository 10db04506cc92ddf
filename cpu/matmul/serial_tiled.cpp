// SPDX-License-Identifier: Apache-2.0
// The textbook loop cut into tiles that stay in the caches, with the loops ordered so that memory is read in order. It
// wins over serial_naive because B comes from a cache and the compiler can use vectors; it costs three more loops, and
// still loads and stores C for every product.
#include <algorithm>

#include "core/memory/view.h"
#include "core/registry/variant.h"
#include "core/workload/matmul.h"

namespace overtake {
namespace {

template <class T>
class SerialTiled {
 public:
  SerialTiled(const Matmul::Problem&, const Resources&) {}

  void load(View<const T> a, View<const T> b, View<T> c) {
    a_ = a;
    b_ = b;
    c_ = c;
  }

  void run() {
    for (std::int64_t i = 0; i < c_.rows; ++i) std::fill_n(c_.row(i), c_.cols, T{0});
    for (std::int64_t j = 0; j < c_.cols; j += kColumns)
      for (std::int64_t l = 0; l < a_.cols; l += kDepth)
        multiply_tile(l, std::min(l + kDepth, a_.cols), j, std::min(kColumns, c_.cols - j));
  }

  void store() {}

 private:
  // A tile of B: 128 KiB of f32, a quarter of a second-level cache, and rows long enough for vectors.
  static constexpr std::int64_t kColumns = 512, kDepth = 64;

  void multiply_tile(std::int64_t first, std::int64_t last, std::int64_t column, std::int64_t columns) {
    for (std::int64_t i = 0; i < c_.rows; ++i) {
      T* c = c_.row(i) + column;
      for (std::int64_t l = first; l < last; ++l) {
        const T factor = a_(i, l);
        const T* b = b_.row(l) + column;
        for (std::int64_t j = 0; j < columns; ++j) c[j] += factor * b[j];
      }
    }
  }

  View<const T> a_, b_;
  View<T> c_;
};

}  // namespace

OVERTAKE_VARIANT(Matmul, serial_tiled, Strategy::serial, SerialTiled, float, double);

}  // namespace overtake
