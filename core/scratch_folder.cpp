// SPDX-License-Identifier: Apache-2.0
#include "core/scratch_folder.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <mutex>
#include <vector>

#include "core/error.h"
#include "core/system/resources.h"
#include "core/workload/workload.h"

namespace overtake {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kPrefix = "overtake-scratch-";

struct Folders {
  std::mutex mutex;
  std::vector<std::string> paths;
};
Folders& folders() {
  static auto* const kFolders = new Folders;  // for remove_all() at any time
  return *kFolders;
}

bool is_writable_folder(const char* path) { return access(path, W_OK | X_OK) == 0 && fs::is_directory(path); }

std::string base_folder() {
  const char* const named = std::getenv("TMPDIR");
  if (named != nullptr && *named != '\0') return named;
  return is_writable_folder("/dev/shm") ? "/dev/shm" : "/tmp";
}

// Folders of processes that are no more: PREFIX PID-RANDOM.
void sweep(const std::string& base) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(base, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    pid_t owner = 0;
    const auto result = std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), owner);
    if (result.ec == std::errc{} && owner > 0 && kill(owner, 0) != 0 && errno == ESRCH) {
      std::error_code ignored;
      fs::remove_all(entry.path(), ignored);
    }
  }
}

void require_room(const std::string& base, std::int64_t bytes) {
  struct statvfs info{};
  if (statvfs(base.c_str(), &info) != 0) throw_errno("looking at the free space of " + base);
  double room = static_cast<double>(info.f_bavail) * static_cast<double>(info.f_frsize);
  if (is_in_memory(base)) room = std::min(room, static_cast<double>(memory_limit_bytes()) / 2);
  if (1.1 * static_cast<double>(bytes) > room)
    throw Skip(fmt::format("needs {:.2g} GB in {}, which has {:.2g} GB to spare: set TMPDIR to another folder",
                           1.1e-9 * static_cast<double>(bytes), base, 1e-9 * room));
}

}  // namespace

bool is_in_memory(const std::string& path) {
  struct statfs info{};
  return statfs(path.c_str(), &info) == 0 && info.f_type == TMPFS_MAGIC;
}

void empty_folder(const std::string& path) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(path)) entries.push_back(entry.path());
  for (const fs::path& entry : entries) fs::remove_all(entry);
}

ScratchFolder::ScratchFolder(std::int64_t bytes) {
  const std::string base = base_folder();
  sweep(base);
  require_room(base, bytes);
  path_ = fmt::format("{}/{}{}-XXXXXX", base, kPrefix, getpid());
  if (mkdtemp(path_.data()) == nullptr) throw_errno("making a folder in " + base);
  const std::scoped_lock lock(folders().mutex);
  folders().paths.push_back(path_);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  const std::scoped_lock lock(folders().mutex);
  std::erase(folders().paths, path_);
}

void ScratchFolder::remove_all() {
  constexpr int kAttempts = 20;  // others may still be writing there
  const std::scoped_lock lock(folders().mutex);
  for (const std::string& path : folders().paths) {
    std::error_code error;
    for (int i = 0; i < kAttempts && fs::exists(path, error); ++i) fs::remove_all(path, error);
  }
}

}  // namespace overtake
