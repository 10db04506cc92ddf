// SPDX-License-Identifier: Apache-2.0
#include "core/time.h"

#include <ctime>

namespace overtake {
namespace {

std::string formatted(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

}  // namespace

std::string utc_now() { return formatted("%Y-%m-%dT%H:%M:%SZ"); }
std::string utc_now_compact() { return formatted("%Y%m%dT%H%M%SZ"); }

}  // namespace overtake
