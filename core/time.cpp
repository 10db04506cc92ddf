// SPDX-License-Identifier: Apache-2.0
#include "core/time.h"

#include <ctime>

namespace overtake {
namespace {

std::tm now_in_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  return parts;
}

}  // namespace

std::string utc_now() {
  const std::tm now = now_in_utc();
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &now)};
}

std::string utc_now_compact() {
  const std::tm now = now_in_utc();
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &now)};
}

}  // namespace overtake
