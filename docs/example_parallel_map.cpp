// SPDX-License-Identifier: Apache-2.0
// One loop, every backend: how parallel_map is called. A test compiles and runs it; it ends with status 0 where every
// answer was right.
#include <cstdio>
#include <vector>

#include "core/parallel/map.h"
#include "core/pool/spawn.h"

namespace {

// For processes a function has a name, so that parent and workers, which are the same program, mean the same one.
double squared(const double& x) { return x * x; }
const auto kSquared = overtake::register_map<squared>("squared");

// A function that waits is a coroutine; async holds many of them in flight on one thread.
overtake::Waiting<double> answered(const double& x) {
  co_await overtake::seconds_pass(0.001);
  co_return x* x;
}
const auto kAnswered = overtake::register_map<answered>("answered");

}  // namespace

int main() {
  overtake::worker_entry();  // first of all: workers are this program too
  using overtake::MapStrategy, overtake::OnError, overtake::parallel_map;
  const std::vector<double> numbers = {1, 2, 3, 4};
  const std::vector<double> squares = {1, 4, 9, 16};

  bool right = true;
  for (const auto strategy : {MapStrategy::serial, MapStrategy::threads, MapStrategy::openmp, MapStrategy::processes})
    right = right && parallel_map(strategy, numbers, kSquared, {.workers = 2}).values() == squares;
  right = right && parallel_map(MapStrategy::async, numbers, kAnswered).values() == squares;

  // Any function does where no process is crossed. Errors are thrown, or collected with their items.
  const auto inverse = [](double x) {
    if (x == 3) throw std::runtime_error("no threes");
    return 1 / x;
  };
  const auto result = parallel_map(MapStrategy::threads, numbers, inverse, {.on_error = OnError::collect});
  for (const auto& [index, value] : result.items) std::printf("1 / %g is %g\n", numbers[index], value);
  for (const auto& error : result.errors) std::printf("%s\n", error.what());
  return right && result.items.size() == 3 && result.errors.size() == 1 ? 0 : 1;
}
