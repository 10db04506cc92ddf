// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes that it invents as a run's system.json, and all that is made of it: differences between machines,
// the lines about the machine, its name. Built by the fuzz preset; system_properties.h says what must hold.
#include "tests/fuzz/system_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  overtake::compare::check_system({reinterpret_cast<const char*>(data), size});
  return 0;
}
