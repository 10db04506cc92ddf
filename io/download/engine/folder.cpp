// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "io/download/engine/names.h"
#include "io/download/engine/options.h"

namespace overtake::download {
namespace {

std::uint64_t key(std::string_view url, std::string_view name) { return hash_text(fmt::format("{}\n{}", url, name)); }

bool holds_only_ours(int folder) {
  const int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* const stream = copy < 0 ? nullptr : fdopendir(copy);
  if (stream == nullptr) return false;
  bool only = true;
  while (const dirent* entry = readdir(stream)) {
    const std::string_view name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != ".." && name != kStateName) {
      only = false;
      break;
    }
  }
  closedir(stream);
  return only;
}

}  // namespace

void Folder::open(const std::string& path) {
  folder_ = FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_) throw UsageError(fmt::format("{}: {}", path, std::strerror(errno)));
  record_ =
      FileDescriptor(openat(folder_.get(), kStateName, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!record_)
    throw UsageError(
        fmt::format("cannot write in {}: {}. Choose a folder that you may write to", path, std::strerror(errno)));
}

Folder Folder::lock(const std::string& path) {
  make_folders(path);
  Folder out;
  out.open(path);
  if (flock(out.record_.get(), LOCK_EX | LOCK_NB) != 0)
    throw UsageError(
        fmt::format("another download is at work in {}: wait until it has ended, or choose another folder", path));
  out.was_empty_ = holds_only_ours(out.folder_.get());
  if (!out.was_empty_) out.read_record(path);
  return out;
}

Folder Folder::attach(const std::string& path) {
  Folder out;
  out.open(path);
  return out;
}

// Lines are "HASH SIZE"; one that a kill cut short is made a line of its own and otherwise ignored.
void Folder::read_record(const std::string& path) {
  const std::string text = read_file(std::filesystem::path(path) / kStateName);
  if (!text.empty() && text.back() != '\n' && ::write(record_.get(), "\n", 1) != 1)
    throw_errno(fmt::format("{}/{}", path, kStateName));
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::uint64_t hash = 0;
    std::int64_t size = 0;
    const char* const last = text.data() + end;
    const auto first = std::from_chars(text.data() + at, last, hash, 16);
    if (first.ec == std::errc() && first.ptr != last && *first.ptr == ' ' && end < text.size() &&
        std::from_chars(first.ptr + 1, last, size).ptr == last)
      done_.emplace_back(hash, size);
    at = end + 1;
  }
  std::ranges::sort(done_);
}

bool Folder::recorded(std::string_view url, std::string_view name, std::int64_t size) const {
  return std::ranges::binary_search(done_, std::pair(key(url, name), size));
}

int Folder::record(std::string_view url, std::string_view name, std::int64_t size) {
  char line[64];
  const auto end = fmt::format_to_n(line, sizeof line, "{:016x} {}\n", key(url, name), size).size;
  // O_APPEND: lines of several processes do not mix.
  return ::write(record_.get(), line, end) == static_cast<ssize_t>(end) ? 0 : (errno == 0 ? ENOSPC : errno);
}

}  // namespace overtake::download
