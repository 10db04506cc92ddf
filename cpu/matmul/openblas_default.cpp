// SPDX-License-Identifier: Apache-2.0
// OpenBLAS as a user gets it: with the kernel that it picks by itself, which on CPUs newer than the library can be one
// of half the speed. Where it picks the best one, it is the same as openblas.
#include "core/registry/variant.h"
#include "cpu/matmul/engine/openblas_library.h"

namespace overtake {
namespace {

template <class T>
using OpenBlasDefault = CblasProduct<T, openblas_by_default>;

}  // namespace

OVERTAKE_YARDSTICK(Matmul, openblas_default, Strategy::threads, OpenBlasDefault, "OpenBLAS", float, double);

}  // namespace overtake
