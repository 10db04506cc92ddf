// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes that it invents against the reader of fitted files. Built by the fuzz preset; pipeline_properties.h
// says what must hold.
#include "tests/fuzz/pipeline_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  overtake::check_fitted({reinterpret_cast<const char*>(data), size});
  return 0;
}
