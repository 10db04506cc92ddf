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

#include "core/error.h"
#include "core/file.h"
#include "core/random.h"
#include "io/download/engine/names.h"
#include "io/download/engine/options.h"

namespace overtake::download {
namespace {

std::uint64_t key(std::string_view url, std::string_view name) { return hash_text(fmt::format("{}\n{}", url, name)); }

std::uint64_t with_size(std::uint64_t key, std::int64_t size) {
  return mix64(key ^ mix64(static_cast<std::uint64_t>(size)));
}

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

Folder Folder::none() {
  Folder out;
  out.was_empty_ = true;
  return out;
}

Folder Folder::attach(const std::string& path) {
  Folder out;
  out.open(path);
  return out;
}

// Lines are "HASH SIZE"; one that a kill cut short is made a line of its own and otherwise ignored. Of a million files
// they are 20 MB of text: it is read in pieces, and 8 bytes of each line are kept.
void Folder::read_record(const std::string& path) {
  constexpr std::size_t kPiece = 65536, kShortestLine = 19;
  struct stat info{};
  if (fstat(record_.get(), &info) != 0) throw_errno(fmt::format("{}/{}", path, kStateName));
  done_ = LargeArray<std::uint64_t>(static_cast<std::size_t>(info.st_size) / kShortestLine + 1);
  std::string text;  // the piece, after what is left of the one before
  for (off_t at = 0;;) {
    const std::size_t left = text.size();
    text.resize(left + kPiece);
    const ssize_t count = pread(record_.get(), text.data() + left, kPiece, at);
    if (count < 0) throw_errno(fmt::format("{}/{}", path, kStateName));
    text.resize(left + static_cast<std::size_t>(count));
    at += count;
    if (count == 0) break;
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
      note(std::string_view(text).substr(begin, end - begin));
      begin = end + 1;
    }
    text.erase(0, begin);
  }
  if (!text.empty() && ::write(record_.get(), "\n", 1) != 1) throw_errno(fmt::format("{}/{}", path, kStateName));
  done_.truncate(done_count_);
  std::ranges::sort(done_);
}

void Folder::note(std::string_view line) {
  std::uint64_t hash = 0;
  std::int64_t size = 0;
  const char* const last = line.data() + line.size();
  const auto first = std::from_chars(line.data(), line.data() + line.size(), hash, 16);
  if (first.ec == std::errc() && first.ptr != last && *first.ptr == ' ' && done_count_ < done_.size() &&
      std::from_chars(first.ptr + 1, last, size).ptr == last)
    done_[done_count_++] = with_size(hash, size);
}

bool Folder::recorded(std::string_view url, std::string_view name, std::int64_t size) const {
  return std::ranges::binary_search(done_, with_size(key(url, name), size));
}

int Folder::record(std::string_view url, std::string_view name, std::int64_t size) {
  char line[64];
  const auto end = fmt::format_to_n(line, sizeof line, "{:016x} {}\n", key(url, name), size).size;
  // O_APPEND: lines of several processes do not mix.
  return ::write(record_.get(), line, end) == static_cast<ssize_t>(end) ? 0 : (errno == 0 ? ENOSPC : errno);
}

}  // namespace overtake::download
