// SPDX-License-Identifier: Apache-2.0
// Several vectors as the bytes of one message between the pool and its workers.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/pool/bytes.h"

namespace overtake {

/// Vectors as their length and their elements, one behind the other.
class Packer {
 public:
  template <class U>
  void put(const std::vector<U>& values) {
    static_assert(std::is_trivially_copy_constructible_v<U>, "other processes see the bytes only");
    const std::uint64_t count = values.size();
    append(&count, sizeof count);
    append(values.data(), count * sizeof(U));
  }
  Bytes take() { return std::move(bytes_); }

 private:
  void append(const void* data, std::size_t size) {
    const auto* first = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), first, first + size);
  }
  Bytes bytes_;
};

/// Gives the vectors in the order in which they were put; throws std::runtime_error where the bytes end before.
class Unpacker {
 public:
  explicit Unpacker(const Bytes& bytes) : rest_(bytes) {}
  template <class U>
  std::vector<U> get() {
    std::vector<U> values(from_bytes<std::uint64_t>(next(sizeof(std::uint64_t))));
    const auto bytes = next(values.size() * sizeof(U));
    // An empty vector has no address to copy to.
    if (!values.empty()) std::memcpy(static_cast<void*>(values.data()), bytes.data(), bytes.size());
    return values;
  }

 private:
  std::span<const std::byte> next(std::size_t size) {
    if (size > rest_.size()) throw std::runtime_error("a message between processes has the wrong size");
    const auto out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
  }
  std::span<const std::byte> rest_;
};

}  // namespace overtake
