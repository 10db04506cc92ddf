// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes that it invents against the reader of pipeline files. Built by the fuzz preset;
// pipeline_properties.h says what must hold.
#include "tests/fuzz/pipeline_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  overtake::check_pipeline({reinterpret_cast<const char*>(data), size});
  return 0;
}
