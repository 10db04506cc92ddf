// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes that it invents against the fast reader of tables. Built by the fuzz preset; table_properties.h says
// what must hold.
#include "tests/fuzz/table_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  overtake::check_table({reinterpret_cast<const char*>(data), size});
  return 0;
}
