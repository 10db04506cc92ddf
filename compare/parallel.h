// SPDX-License-Identifier: Apache-2.0
// The same work for many items, on all cores that this process may use. For reading runs and for the statistics of many
// rows.
#pragma once

#include <cstddef>
#include <functional>

namespace overtake::compare {

/// Calls work(0) … work(count - 1), each once, from several threads, and returns when all have ended. Where some throw,
/// the others are still called, and the exception of the lowest index is thrown at the end.
void for_each_index(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace overtake::compare
