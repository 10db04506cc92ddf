// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace overtake {

Status worst(std::initializer_list<Status> statuses) {
  static constexpr std::array kOrder = {Status::interrupted,    Status::usage,   Status::failure,
                                        Status::not_comparable, Status::missing, Status::undecided};
  for (Status candidate : kOrder)
    if (std::find(statuses.begin(), statuses.end(), candidate) != statuses.end()) return candidate;
  return Status::good;
}

Status worst(Status a, Status b) { return worst({a, b}); }

void throw_errno(const std::string& what) {
  const int code = errno;
  throw std::runtime_error(what + ": " + std::strerror(code));
}

}  // namespace overtake
