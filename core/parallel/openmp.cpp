// SPDX-License-Identifier: Apache-2.0
// The one source of core that is compiled with OpenMP.
#include "core/parallel/map_run.h"

namespace overtake::detail {

void on_openmp(int workers, const std::function<void()>& body) {
#pragma omp parallel num_threads(workers)
  body();
}

}  // namespace overtake::detail
