// SPDX-License-Identifier: Apache-2.0
// Fields as bytes and back, between the downloader and its worker processes (the same program on the same machine).
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace overtake::download {

class Packer {
 public:
  template <class... Ts>
  void all(const Ts&... values) {
    (put(values), ...);
  }
  const std::string& text() const { return text_; }

 private:
  template <class T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put(const std::string& value) {
    put(value.size());
    text_ += value;
  }
  void put(const std::vector<std::string>& values) {
    put(values.size());
    for (const std::string& value : values) put(value);
  }
  std::string text_;
};

/// Throws std::runtime_error where the text ends too early.
class Unpacker {
 public:
  explicit Unpacker(std::string_view text) : left_(text) {}
  template <class... Ts>
  void all(Ts&... values) {
    (get(values), ...);
  }

 private:
  std::string_view take(std::size_t count) {
    if (count > left_.size()) throw std::runtime_error("a message between processes is too short");
    const std::string_view out = left_.substr(0, count);
    left_.remove_prefix(count);
    return out;
  }
  template <class T>
  void get(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    take(sizeof value).copy(reinterpret_cast<char*>(&value), sizeof value);
  }
  void get(std::string& value) {
    std::size_t size = 0;
    get(size);
    value = take(size);
  }
  void get(std::vector<std::string>& values) {
    std::size_t size = 0;
    get(size);
    values.clear();
    for (std::size_t i = 0; i < size; ++i) get(values.emplace_back());
  }
  std::string_view left_;
};

}  // namespace overtake::download
