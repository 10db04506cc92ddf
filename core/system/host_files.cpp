// SPDX-License-Identifier: Apache-2.0
#include "core/system/host_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <system_error>

namespace overtake {

std::filesystem::path HostFiles::full(std::string_view path) const {
  while (path.starts_with('/')) path.remove_prefix(1);
  return root_ / path;
}

std::optional<std::string> HostFiles::text(std::string_view path) const {
  std::error_code error;
  const std::filesystem::path file = full(path);
  if (std::filesystem::is_directory(file, error)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::string out;
  std::array<char, 4096> part;
  while (in.read(part.data(), part.size()) || in.gcount() > 0)
    out.append(part.data(), static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return std::nullopt;
  out.resize(out.find_last_not_of(" \t\r\n") + 1);
  return out;
}

std::optional<std::int64_t> HostFiles::integer(std::string_view path) const {
  const auto found = text(path);
  return found ? leading_integer(*found) : std::nullopt;
}

bool HostFiles::exists(std::string_view path) const {
  std::error_code error;
  return std::filesystem::exists(full(path), error);
}

std::optional<std::string> HostFiles::link(std::string_view path) const {
  std::error_code error;
  const auto target = std::filesystem::read_symlink(full(path), error);
  return error ? std::nullopt : std::optional(target.string());
}

std::vector<std::string> HostFiles::list(std::string_view folder) const {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(full(folder), error), end; !error && it != end; it.increment(error))
    names.push_back(it->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::int64_t> leading_integer(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  std::int64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) return std::nullopt;
  return value;
}

std::vector<int> parse_cpu_list(std::string_view text) {
  constexpr std::int64_t kMostCpus = 1 << 16;  // beyond what Linux supports: a broken file must not fill the memory
  std::vector<int> cpus;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view range = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const auto first = leading_integer(range);
    const std::size_t dash = range.find('-');
    const auto last = dash == std::string_view::npos ? first : leading_integer(range.substr(dash + 1));
    if (!first || !last || *first < 0 || *last >= kMostCpus) return {};
    for (std::int64_t cpu = *first; cpu <= *last; ++cpu) cpus.push_back(static_cast<int>(cpu));
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

std::string cpu_list_text(std::span<const int> cpus) {
  std::string out;
  for (std::size_t i = 0; i < cpus.size();) {
    std::size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    if (!out.empty()) out += ',';
    out += std::to_string(cpus[i]);
    if (last > i) out += '-' + std::to_string(cpus[last]);
    i = last + 1;
  }
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t start = text.find_first_not_of(" \t");
    if (start == std::string_view::npos) return words;
    text.remove_prefix(start);
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::optional<std::int64_t> counter(std::string_view text, std::string_view key) {
  for (std::string_view line : lines_of(text)) {
    const auto words = words_of(line);
    if (words.size() < 2 || (words[0] != key && words[0] != std::string(key) + ':')) continue;
    const auto value = leading_integer(words[1]);
    return value && words.size() > 2 && words[2] == "kB" ? std::optional(*value * 1024) : value;
  }
  return std::nullopt;
}

}  // namespace overtake
