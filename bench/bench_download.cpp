// SPDX-License-Identifier: Apache-2.0
// Times the workload download; `bench_download --help` shows how to use it alone.
#include "bench/harness/bench_main.h"

int main(int argc, char** argv) { return overtake::bench::bench_main(argc, argv, "bench_download", "download"); }
