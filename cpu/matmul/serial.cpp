// SPDX-License-Identifier: Apache-2.0
// One core, blocked: A and B are packed so that a tile of C stays in registers and its operands in the caches. It wins
// because every element that is loaded is used many times, by whole vectors; it costs a copy of A and of B, which it
// makes only where they are used enough.
#include "core/memory/view.h"
#include "core/registry/variant.h"
#include "core/workload/matmul.h"
#include "cpu/matmul/engine/gemm.h"

namespace overtake {
namespace {

template <class T>
class Serial {
 public:
  Serial(const Matmul::Problem&, const Resources&) {}

  void load(View<const T> a, View<const T> b, View<T> c) {
    a_ = a;
    b_ = b;
    c_ = c;
  }
  void run() { gemm_serial(a_, b_, c_); }
  void store() {}

  KeyValues metrics() const { return {{"kernel", tile_kernels<T>().target}}; }

 private:
  View<const T> a_, b_;
  View<T> c_;
};

}  // namespace

OVERTAKE_VARIANT(Matmul, serial, Strategy::serial, Serial, float, double);

}  // namespace overtake
