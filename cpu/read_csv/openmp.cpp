// SPDX-License-Identifier: Apache-2.0
// Blocks of the text taken by threads one after another, each handing on whether it ends within quotes and how many
// rows it has before it parses them. It should win by the number of cores until the scans, which wait for each other,
// take longer than a core's share of the parsing.
#include <omp.h>

#include <exception>

#include "cpu/read_csv/engine/variant.h"

namespace overtake {
namespace {

Team team_of(int workers) {
  return [workers](const std::function<void(int)>& work) {
    std::exception_ptr error;
#pragma omp parallel num_threads(workers)
    try {
      work(omp_get_thread_num());
    } catch (...) {
#pragma omp critical(overtake_read_csv_error)
      error = std::current_exception();
    }
    if (error) std::rethrow_exception(error);
  };
}

template <class T>
struct OpenMP : CsvVariant<T> {
  OpenMP(const ReadCsv::Problem&, const Resources& resources)
      : CsvVariant<T>(resources.workers, team_of(resources.workers)) {}
};

}  // namespace

OVERTAKE_VARIANT(ReadCsv, openmp, Strategy::threads, OpenMP, float, double);

}  // namespace overtake
