// SPDX-License-Identifier: Apache-2.0
// A group is the cells that work on the same data. Google Benchmark times it in one call, interleaved, together with
// the ceilings that bound its cells.
#pragma once

#include <vector>

#include "bench/harness/plan.h"
#include "bench/harness/recorder.h"
#include "bench/harness/reporter.h"

namespace overtake::bench {

std::vector<std::vector<PlannedCell>> groups_of(const std::vector<PlannedCell>&);

struct GroupOptions {
  InputSource source;
  double sample_seconds;
  int progress_fd;            // -1: none
  double skip_above_seconds;  // a run estimated to take longer is skipped; 0: never
};

void run_group(const std::vector<PlannedCell>&, const GroupOptions&, Recorder&, Reporter&);

}  // namespace overtake::bench
