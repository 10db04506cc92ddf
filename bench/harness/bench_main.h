// SPDX-License-Identifier: Apache-2.0
// What every benchmark program does, whatever its workload.
#pragma once

#include <string>

namespace overtake::bench {

/// The body of main() of `program`, which times `workload`. Returns the exit status.
int bench_main(int argc, char** argv, const std::string& program, const std::string& workload);

}  // namespace overtake::bench
