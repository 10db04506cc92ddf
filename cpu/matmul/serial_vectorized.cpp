// SPDX-License-Identifier: Apache-2.0
// A tile of C in vector registers, its operands read where they lie. It wins over serial_tiled because C is loaded and
// stored once for hundreds of products; it costs code for each instruction set, and large operands are read along
// columns, a new page for every row.
#include "core/memory/view.h"
#include "core/registry/variant.h"
#include "core/workload/matmul.h"
#include "cpu/matmul/engine/gemm.h"

namespace overtake {
namespace {

template <class T>
class SerialVectorized {
 public:
  SerialVectorized(const Matmul::Problem&, const Resources&) {}

  void load(View<const T> a, View<const T> b, View<T> c) {
    a_ = a;
    b_ = b;
    c_ = c;
  }

  void run() { gemm_unpacked(a_, b_, c_); }

  void store() {}

  KeyValues metrics() const { return {{"kernel", tile_kernels<T>().target}}; }

 private:
  View<const T> a_, b_;
  View<T> c_;
};

}  // namespace

OVERTAKE_VARIANT(Matmul, serial_vectorized, Strategy::serial, SerialVectorized, float, double);

}  // namespace overtake
