// SPDX-License-Identifier: Apache-2.0
// What was read of this machine, or the reason why it was not: no reader in this folder returns a guess.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace overtake {

template <class T>
struct Fact {
  std::optional<T> value;
  std::string reason;  // why there is no value; empty where there is one

  static Fact of(T value) { return {std::move(value), {}}; }
  static Fact missing(std::string reason) { return {std::nullopt, std::move(reason)}; }
};

}  // namespace overtake
