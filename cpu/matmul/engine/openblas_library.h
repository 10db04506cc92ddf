// SPDX-License-Identifier: Apache-2.0
// OpenBLAS as it comes, and with the widest kernel that this CPU runs. Used by the variants openblas and
// openblas_default.
#pragma once

#include "cpu/matmul/engine/cblas_product.h"

namespace overtake {

/// With the kernel that it picks by itself.
const CblasLibrary& openblas_by_default();

/// Versions that do not know a newer CPU with AVX-512 take a kernel with half as wide vectors (0.3.21 to 0.3.34 on
/// Zen 4 and 5). There it is opened a second time with SkylakeX, the kernel that all CPUs with AVX-512 run; elsewhere,
/// and where OPENBLAS_CORETYPE is set, this is the same as openblas_by_default().
const CblasLibrary& openblas_at_its_best();

}  // namespace overtake
