// SPDX-License-Identifier: Apache-2.0
// What must hold of every system.json, whatever its bytes: run by the fuzzer on inputs that it invents, and by
// compare/corpus_test.cpp on the ones that it found before.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "compare/machine_text.h"
#include "compare/system_difference.h"
#include "core/json.h"

namespace overtake::compare {

/// Throws std::logic_error unless the bytes are refused with UsageError, or what is said of the machine and of its
/// differences from another holds no control character, and nothing differs from itself.
inline void check_system(std::string_view bytes) {
  nlohmann::ordered_json system;
  try {
    system = parse_json_object(bytes, "system.json");
  } catch (const UsageError&) {
    return;
  }
  if (!differing_fields(system, system).empty()) throw std::logic_error("a system differs from itself");
  const auto other = nlohmann::ordered_json::object({{"host_processor_model_name", "another"}});
  const auto differences = differing_fields(system, other);
  std::string text = machine_text(system) + differences_text(differences) + attribution(differences);
  for (const std::string& sentence : distortions_of(system)) text += sentence;
  for (const char c : text)
    if (c != '\n' && static_cast<unsigned char>(c) < 0x20) throw std::logic_error("a control character is shown");
}

}  // namespace overtake::compare
