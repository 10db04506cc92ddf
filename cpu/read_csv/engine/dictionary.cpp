// SPDX-License-Identifier: Apache-2.0
#include "cpu/read_csv/engine/dictionary.h"

#include <cstring>
#include <utility>

#include "core/random.h"

namespace overtake {
namespace {

std::uint64_t load(const char* from, std::size_t bytes) {
  std::uint64_t out = 0;
  std::memcpy(&out, from, bytes);
  return out;
}

// Two words that hold up to 16 bytes whole (with the length beside them), and hash longer texts.
std::pair<std::uint64_t, std::uint64_t> words_of(std::string_view key) {
  const std::size_t n = key.size();
  const char* p = key.data();
  if (n >= 8 && n <= 16) return {load(p, 8), load(p + n - 8, 8)};
  if (n >= 4 && n < 8) return {load(p, 4) | load(p + n - 4, 4) << 32, 0};
  if (n < 4) return {n == 0 ? 0 : load(p, 1) | load(p + n / 2, 1) << 8 | load(p + n - 1, 1) << 16, 0};
  std::uint64_t a = n, b = ~n;
  const auto mix = [](std::uint64_t state, std::uint64_t word) {
    state = (state ^ word) * 0x9e3779b97f4a7c15ULL;
    return state ^ state >> 32;
  };
  for (std::size_t i = 0; i + 16 < n; i += 16) {
    a = mix(a, load(p + i, 8));
    b = mix(b, load(p + i + 8, 8));
  }
  return {mix(a, load(p + n - 16, 8)) + (b << 1 | b >> 63), mix(b, load(p + n - 8, 8)) ^ a};
}

std::size_t hash_of(std::uint64_t head, std::uint64_t tail, std::uint64_t length) {
  const std::uint64_t h = (head ^ (tail << 23 | tail >> 41) ^ length) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::size_t>(h ^ h >> 32);
}

}  // namespace

std::int32_t Dictionary::code(std::string_view key) {
  const auto [head, tail] = words_of(key);
  const auto length = static_cast<std::uint32_t>(key.size());
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash_of(head, tail, length) & mask;
  for (; slots_[at].code >= 0; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.head == head && slot.tail == tail && slot.length == length &&
        (length <= 16 || keys_[static_cast<std::size_t>(slot.code)] == key))
      return slot.code;
  }
  const auto code = static_cast<std::int32_t>(keys_.size());
  keys_.push_back(key);
  slots_[at] = {head, tail, length, code};
  if (2 * keys_.size() > slots_.size()) grow();
  return code;
}

void Dictionary::grow() {
  std::vector<Slot> larger(4 * slots_.size());
  const std::size_t mask = larger.size() - 1;
  for (const Slot& slot : slots_) {
    if (slot.code < 0) continue;
    std::size_t at = hash_of(slot.head, slot.tail, slot.length) & mask;
    while (larger[at].code >= 0) at = (at + 1) & mask;
    larger[at] = slot;
  }
  slots_ = std::move(larger);
}

}  // namespace overtake
