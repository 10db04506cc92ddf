// SPDX-License-Identifier: Apache-2.0
// The race of lab `race` as people write it: a plain variable, and so a data race, undefined in C++. Built with
// ThreadSanitizer whatever the rest is built with, and run by race_test.cpp alone.
#include <cstdio>
#include <thread>

namespace {

long counter = 0;

void count_up() {
  for (int i = 0; i < 1000; ++i) ++counter;
}

}  // namespace

int main() {
  std::thread other(count_up);
  count_up();
  other.join();
  std::printf("%ld\n", counter);
}
