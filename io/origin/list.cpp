// SPDX-License-Identifier: Apache-2.0
#include "io/origin/list.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "core/system/resources.h"
#include "io/origin/behaviour.h"
#include "io/origin/content.h"

namespace overtake::origin {

std::string list_text(const std::string& base, std::int64_t files, const std::string& size, const std::string& query) {
  const auto path_of = [&](std::int64_t i) { return fmt::format("/f/{}/{:06d}.bin", size, i); };
  const auto target_of = [&](std::int64_t i) { return query.empty() ? path_of(i) : path_of(i) + "?" + query; };
  const Behaviour behaviour = parse_target(target_of(0));
  std::vector<Sha256> digests(static_cast<std::size_t>(files));
  std::atomic<std::int64_t> next = 0;
  const auto compute = [&] {
    for (std::int64_t i = next++; i < files; i = next++)
      digests[static_cast<std::size_t>(i)] =
          Content(content_key(path_of(i), behaviour.seed, 1), behaviour.size).digest();
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < physical_cores_allowed() && i < files; ++i) threads.emplace_back(compute);
  }
  std::string text;
  for (std::int64_t i = 0; i < files; ++i)
    text += fmt::format("{}{} sha256={}\n", base, target_of(i), hex(digests[static_cast<std::size_t>(i)]));
  return text;
}

}  // namespace overtake::origin
