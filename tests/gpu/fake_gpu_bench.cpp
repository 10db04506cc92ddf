// SPDX-License-Identifier: Apache-2.0
// bench_matmul with a GPU that is none (tests/gpu/fake_cuda.cuh), for tests of what a user sees when a GPU fails.
#include "bench/harness/bench_main.h"
#include "tests/gpu/host_product.cuh"

namespace overtake {
namespace {

template <class T>
using FakeGpu = HostProduct<T>;
template <class T>
using Serial = PlainProduct<T>;

}  // namespace

OVERTAKE_VARIANT(Matmul, fake_gpu, Strategy::gpu, FakeGpu, float, double);
OVERTAKE_VARIANT(Matmul, serial, Strategy::serial, Serial, float, double);

}  // namespace overtake

int main(int argc, char** argv) { return overtake::bench::bench_main(argc, argv, "bench_matmul", "matmul"); }
