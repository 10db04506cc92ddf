// SPDX-License-Identifier: Apache-2.0
#include "core/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace overtake {
namespace fs = std::filesystem;
namespace {

struct Advice {
  bool usage;  // the path is to blame, not the machine
  const char* what_to_do;
};

Advice advice(int code, bool writing) {
  switch (code) {
    case ENOENT:
      return {true, writing ? "create the folder first" : "check the path"};
    case ENOTDIR:
      return {true, "a part of the path is a file, not a folder"};
    case EISDIR:
      return {true, "give a file, not a folder"};
    case EEXIST:
      return {true, "remove it, or choose another name"};
    case ENAMETOOLONG:
    case ELOOP:
      return {true, "choose another path"};
    case EACCES:
    case EPERM:
    case EROFS:
      return {true, writing ? "choose a place where you may write" : "you may not read it"};
    case ENOSPC:
    case EDQUOT:
      return {false, "free some space, or write elsewhere"};
    case EFBIG:
      return {false, "raise the limit on file sizes (ulimit -f), or write less"};
    default:
      return {false, nullptr};
  }
}

[[noreturn]] void fail(const char* action, const fs::path& path, int code, bool writing) {
  const auto [usage, what_to_do] = advice(code, writing);
  std::string message = std::string("cannot ") + action + " '" + path.string() + "': " + std::strerror(code);
  if (what_to_do != nullptr) message += std::string(": ") + what_to_do;
  if (usage) throw UsageError(message);
  throw std::runtime_error(message);
}

/// Where a write to `path` really goes: links followed, so that a rename does not replace the link itself.
fs::path write_target(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  fs::path target = fs::canonical(path, error);
  return error ? path : target;
}

fs::path temporary_beside(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  fs::path name = ".";
  name += path.filename();
  name += ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
  return path.parent_path() / name;
}

}  // namespace

File::File(fs::path path, Mode mode) : path_(std::move(path)) {
  int flags = O_CLOEXEC | O_RDONLY;
  if (mode == Mode::create) flags = O_CLOEXEC | O_WRONLY | O_CREAT | O_EXCL;
  if (mode == Mode::replace) flags = O_CLOEXEC | O_WRONLY | O_CREAT | O_TRUNC;
  if (mode == Mode::extend) flags = O_CLOEXEC | O_WRONLY | O_CREAT;
  do {
    descriptor_ = ::open(path_.c_str(), flags, 0666);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) fail(mode == Mode::read ? "open" : "write", path_, errno, mode != Mode::read);
}

File::File(File&& other) noexcept : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::size_t File::read(char* into, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::read(descriptor_, into + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("read", path_, errno, false);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

void File::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write", path_, errno, true);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool File::truncate(std::size_t size) noexcept {
  const auto offset = static_cast<off_t>(size);
  return ::ftruncate(descriptor_, offset) == 0 && ::lseek(descriptor_, offset, SEEK_SET) == offset;
}

void File::close() {
  if (descriptor_ < 0) return;
  // The descriptor is gone even where close() fails.
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) fail("write", path_, errno, true);
}

std::string read_file(const fs::path& path) {
  File file(path, File::Mode::read);
  std::string content;
  constexpr std::size_t kStep = std::size_t{1} << 16;
  for (std::size_t count = kStep; count == kStep;) {
    const std::size_t size = content.size();
    content.resize(size + kStep);
    count = file.read(content.data() + size, kStep);
    content.resize(size + count);
  }
  return content;
}

void write_file(const fs::path& path, std::string_view content) { write_file(path, {content}); }

void write_file(const fs::path& path, std::initializer_list<std::string_view> pieces) {
  const fs::path target = write_target(path);
  std::error_code error;
  const fs::file_status status = fs::status(target, error);
  if (fs::is_directory(status)) fail("write", path, EISDIR, true);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    File direct(target, File::Mode::replace);
    for (const std::string_view piece : pieces) direct.write(piece);
    return direct.close();
  }
  const fs::path temporary = temporary_beside(target);
  File file(temporary, File::Mode::create);
  try {
    for (const std::string_view piece : pieces) file.write(piece);
    file.close();
    rename_file(temporary, target);
  } catch (...) {
    fs::remove(temporary, error);
    throw;
  }
}

void rename_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail("write", to, errno, true);
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("create the folder", folder, error.value(), true);
}

}  // namespace overtake
