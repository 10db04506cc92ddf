// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes that it invents against the reader of BabelStream's CSV. Built by the fuzz preset;
// other_tools_properties.h says what must hold.
#include "tests/fuzz/other_tools_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace overtake::compare;
  check_other_tool(parse_babelstream, {reinterpret_cast<const char*>(data), size});
  return 0;
}
