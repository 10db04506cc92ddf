// SPDX-License-Identifier: Apache-2.0
// The yardstick for all that we write for CPUs: OpenBLAS, with kernels in assembly for each CPU, and with the widest of
// them that this CPU runs. It is opened when first used.
#include "core/registry/variant.h"
#include "cpu/matmul/engine/openblas_library.h"

namespace overtake {
namespace {

template <class T>
using OpenBlas = CblasProduct<T, openblas_at_its_best>;

}  // namespace

OVERTAKE_YARDSTICK(Matmul, openblas, Strategy::threads, OpenBlas, "OpenBLAS", float, double);

}  // namespace overtake
