// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/ground.h"

#include <fmt/format.h>

#include <sstream>

#include "core/error.h"
#include "core/file.h"
#include "core/workload/download.h"
#include "io/download/engine/list.h"
#include "io/origin/child.h"

namespace overtake::download {
namespace {

std::string normalised(const std::string& text, const std::string& where) {
  std::istringstream in(text);
  ListReader reader(in);
  std::string out;
  while (const std::optional<Entry> entry = reader.next()) {
    if (!entry->error.empty()) throw UsageError(fmt::format("{}: line {}: {}", where, entry->line, entry->error));
    if (entry->duplicate) continue;
    // Names with spaces cannot be written back; safe_name() and URLs leave none but those.
    if (entry->name.find(' ') != std::string::npos)
      throw UsageError(fmt::format("{}: line {}: the name '{}' has a space: give it another by name=", where,
                                   entry->line, entry->name));
    out += fmt::format("{} name={}{}{}\n", entry->url, entry->name,
                       entry->sha256.empty() ? "" : " sha256=", entry->sha256);
  }
  if (out.empty()) throw UsageError(where + ": names no URL; a list has a URL a line");
  return out;
}

// The same files without the wait that their URLs ask for.
std::string without_delay(std::string_view line) {
  std::string url(line.substr(0, line.find(' ')));
  const std::size_t delay = url.find("&delay=");
  return delay == std::string::npos ? url : url.substr(0, delay);
}

class Ground final : public DownloadGround {
 public:
  std::string generated(const Download::Problem& p, Seed seed) override {
    constexpr std::uint64_t kWithinUrls = (std::uint64_t{1} << 49) - 1;  // the origin reads numbers up to 10^15
    std::string query = fmt::format("seed={}", seed.value & kWithinUrls);
    if (p.latency_ms > 0) query += fmt::format("&delay={}", p.latency_ms);  // without_delay() expects it last
    return normalised(origin::served_list(p.files, std::to_string(p.bytes), query), "the origin's list");
  }

  std::string users_list(const std::string& path) override { return normalised_list(path); }

  double origin_seconds(const DownloadInput& input) override {
    std::vector<std::string> urls;
    for (const DownloadInput::File& file : input.files) urls.push_back(without_delay(file.line));
    return origin::least_seconds({urls.begin(), urls.end()}, input.problem.bytes);
  }
};

}  // namespace

bool provide_ground() {
  static Ground ground;
  return provide_download_ground(ground);
}

std::string normalised_list(const std::filesystem::path& list) { return normalised(read_file(list), list.string()); }

}  // namespace overtake::download
