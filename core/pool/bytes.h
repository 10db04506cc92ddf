// SPDX-License-Identifier: Apache-2.0
// Values as the bytes that travel between the pool and its workers. Both are the same program on the same machine, so
// that a value's own bytes serve.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace overtake {

using Bytes = std::vector<std::byte>;

/// What a task can take and give: plain structs, text, or raw bytes.
template <class T>
concept Sendable = std::is_trivially_copyable_v<T> || std::is_same_v<T, std::string> || std::is_same_v<T, Bytes>;

template <Sendable T>
Bytes to_bytes(const T& value) {
  if constexpr (std::is_same_v<T, Bytes>) {
    return value;
  } else if constexpr (std::is_same_v<T, std::string>) {
    const auto bytes = std::as_bytes(std::span(value));
    return {bytes.begin(), bytes.end()};
  } else {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    return {bytes.begin(), bytes.end()};
  }
}

/// Throws std::runtime_error where the size is not that of a T.
template <Sendable T>
T from_bytes(std::span<const std::byte> bytes) {
  if constexpr (std::is_same_v<T, Bytes>) {
    return {bytes.begin(), bytes.end()};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  } else {
    if (bytes.size() != sizeof(T)) throw std::runtime_error("a message between processes has the wrong size");
    T value;
    std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
}

}  // namespace overtake
