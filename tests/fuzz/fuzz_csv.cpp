// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes that it invents against the reader of CSV. Built by the fuzz preset; properties.h says what must
// hold.
#include "tests/fuzz/properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  overtake::check_csv({reinterpret_cast<const char*>(data), size});
  return 0;
}
