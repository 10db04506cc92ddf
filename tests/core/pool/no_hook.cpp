// SPDX-License-Identifier: Apache-2.0
// A program whose main() forgets worker_entry(): tests/core/pool/spawn_test.cpp runs it and counts its processes.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string_view>

#include "core/pool/pool.h"

// Arguments: a file that gets a line per call of main() (from the environment, as a child has other arguments), and
// what a child does: "pool" makes a pool, "sleep" says nothing.
int main() {
  std::ofstream(std::getenv("NO_HOOK_FILE"), std::ios::app) << "main\n";
  const bool is_child = std::getenv("OVERTAKE_CHILD") != nullptr;
  if (is_child && std::string_view(std::getenv("NO_HOOK_CHILD")) == "sleep") {
    sleep(60);
    return 0;
  }
  try {
    overtake::Pool(2, {.start_seconds = 0.5});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
