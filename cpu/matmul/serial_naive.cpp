// SPDX-License-Identifier: Apache-2.0
// The textbook loop: three nested loops, one product after another, the one to explain. It wins nowhere but in
// clarity; it costs a strided walk down B for every element of C, and leaves vector units and caches idle.
#include "core/memory/view.h"
#include "core/registry/variant.h"
#include "core/workload/matmul.h"

namespace overtake {
namespace {

template <class T>
class SerialNaive {
 public:
  SerialNaive(const Matmul::Problem&, const Resources&) {}

  void load(View<const T> a, View<const T> b, View<T> c) {
    a_ = a;
    b_ = b;
    c_ = c;
  }

  void run() {
    for (std::int64_t i = 0; i < c_.rows; ++i) {
      for (std::int64_t j = 0; j < c_.cols; ++j) {
        Accumulator<T> sum = 0;
        for (std::int64_t l = 0; l < a_.cols; ++l) sum += operand(a_(i, l)) * operand(b_(l, j));
        c_(i, j) = static_cast<T>(sum);
      }
    }
  }

  void store() {}

 private:
  View<const T> a_, b_;
  View<T> c_;
};

}  // namespace

OVERTAKE_VARIANT(Matmul, serial_naive, Strategy::serial, SerialNaive, float, double, Bf16, Tf32);

}  // namespace overtake
