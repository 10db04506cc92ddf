// SPDX-License-Identifier: Apache-2.0
// The vectorized tile on packed operands, always. It wins over serial_vectorized because each block is read in order
// and from the cache that it was made for; it costs a copy of A and of B, which small products do not earn back: serial
// makes it only where it pays.
#include "core/memory/view.h"
#include "core/registry/variant.h"
#include "core/workload/matmul.h"
#include "cpu/matmul/engine/gemm.h"

namespace overtake {
namespace {

template <class T>
class SerialPacked {
 public:
  SerialPacked(const Matmul::Problem&, const Resources&) {}

  void load(View<const T> a, View<const T> b, View<T> c) {
    a_ = a;
    b_ = b;
    c_ = c;
  }

  void run() { gemm_packed(a_, b_, c_, blocking_for(tile_kernels<T>(), c_.rows, c_.cols, a_.cols), Packing::both); }

  void store() {}

  KeyValues metrics() const { return {{"kernel", tile_kernels<T>().target}}; }

 private:
  View<const T> a_, b_;
  View<T> c_;
};

}  // namespace

OVERTAKE_VARIANT(Matmul, serial_packed, Strategy::serial, SerialPacked, float, double);

}  // namespace overtake
