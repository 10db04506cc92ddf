// SPDX-License-Identifier: Apache-2.0
// The categories of a column in the order in which they are first seen. For cpu/read_csv/engine: one for each worker,
// put in order at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace overtake {

class Dictionary {
 public:
  /// The code of a category. Views are kept: the text must outlive the dictionary.
  std::int32_t code(std::string_view key);

  /// Categories by their codes.
  const std::vector<std::string_view>& keys() const { return keys_; }

 private:
  struct Slot {
    std::uint64_t head = 0, tail = 0;  // of up to 16 bytes: all of them; of more: two hashes
    std::uint32_t length = 0;
    std::int32_t code = -1;  // -1: free
  };

  void grow();

  std::vector<Slot> slots_ = std::vector<Slot>(64);
  std::vector<std::string_view> keys_;
};

}  // namespace overtake
