// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/part_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "io/download/engine/headers.h"
#include "io/download/engine/names.h"

namespace overtake::download {
namespace {

constexpr int kRead = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;

}  // namespace

std::string digest_of_file(int folder, const std::string& name) {
  if (size_of_file(folder, name) < 0) return {};
  const FileDescriptor file(openat(folder, name.c_str(), kRead));
  Digest digest;
  if (!file || add_file(file.get(), digest) != 0) return {};
  return digest.finish();
}

std::int64_t size_of_file(int folder, const std::string& name) {
  struct stat info{};
  if (fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode)) return -1;
  return info.st_size;
}

PartFile::PartFile(Folder& folder, const std::string& url, const std::string& name, bool digest)
    : folder_(folder), url_(url), name_(name), part_(name + ".part"), etag_name_(part_ + ".etag") {
  if (digest) digest_ = std::make_unique<Digest>();
}

// The tag's file names the URL too: the same name may have been another's in an earlier run.
PartFile::Resumable PartFile::resumable() {
  const FileDescriptor file(openat(folder_.fd(), etag_name_.c_str(), kRead));
  if (!file) return {};
  tagged_ = true;
  std::array<char, 1024> buffer;
  const ssize_t count = pread(file.get(), buffer.data(), buffer.size(), 0);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || !text.ends_with('\n') ||
      text.substr(0, space) != fmt::format("{:016x}", hash_text(url_)))
    return {};
  Resumable out;
  out.etag = strong_etag(text.substr(space + 1));
  struct stat info{};
  const bool usable = fstatat(folder_.fd(), part_.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) &&
                      info.st_nlink == 1 && info.st_size > 0;
  if (!usable || out.etag.empty()) return {};
  out.bytes = info.st_size;
  return out;
}

int PartFile::open_fresh() {
  file_.reset();
  size_ = 0;
  if (digest_ != nullptr) digest_->finish();
  if (tagged_) discard();  // the tag of other bytes
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  file_ = FileDescriptor(openat(folder_.fd(), part_.c_str(), kFlags, 0644));
  if (!file_ && errno == EEXIST) {
    // An older part, or a link that somebody planted: neither is written through.
    discard();
    file_ = FileDescriptor(openat(folder_.fd(), part_.c_str(), kFlags, 0644));
  }
  return file_ ? 0 : errno;
}

int PartFile::open_resumed(std::int64_t bytes) {
  file_ = FileDescriptor(openat(folder_.fd(), part_.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!file_) return errno;
  struct stat info{};
  if (fstat(file_.get(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size != bytes) return ESTALE;
  if (lseek(file_.get(), 0, SEEK_END) < 0) return errno;
  size_ = bytes;
  return digest_what_is_there();
}

int PartFile::digest_what_is_there() { return digest_ == nullptr ? 0 : add_file(file_.get(), *digest_); }

int PartFile::write(const char* data, std::size_t size) {
  if (digest_ != nullptr) digest_->add(data, size);
  while (size > 0) {
    const ssize_t count = ::write(file_.get(), data, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return ENOSPC;
    data += count;
    size -= static_cast<std::size_t>(count);
    size_ += count;
  }
  return 0;
}

int PartFile::note_etag(const std::string& etag) {
  tagged_ = true;
  const FileDescriptor file(
      openat(folder_.fd(), etag_name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return errno;
  const std::string text = fmt::format("{:016x} {}\n", hash_text(url_), etag);
  return ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : ENOSPC;
}

void PartFile::keep(const std::string& etag) {
  if (!file_) return;
  file_.reset();
  if (etag.empty() || size_ == 0 || (!tagged_ && note_etag(etag) != 0)) discard();
}

void PartFile::discard() {
  // The tag first: a part without it is never gone on with.
  tagged_ = false;
  unlinkat(folder_.fd(), etag_name_.c_str(), 0);
  unlinkat(folder_.fd(), part_.c_str(), 0);
}

std::string PartFile::digest() { return digest_ == nullptr ? std::string() : digest_->finish(); }

PartFile::Finish PartFile::finish(bool replace, int& error) {
  error = 0;
  // close() is where some file systems report that earlier writes failed.
  if (::close(file_.release()) != 0) {
    error = errno;
    return Finish::failed;
  }
  error = folder_.record(url_, name_, size_);
  if (error != 0) return Finish::failed;
  error = place(replace);
  if (error == EEXIST) return Finish::occupied;
  if (error != 0) return Finish::failed;
  if (tagged_ || !folder_.was_empty()) unlinkat(folder_.fd(), etag_name_.c_str(), 0);
  return Finish::done;
}

// 0 or errno; EEXIST: a file has the name.
int PartFile::place(bool replace) {
  const int fd = folder_.fd();
  if (!replace) {
    if (renameat2(fd, part_.c_str(), fd, name_.c_str(), RENAME_NOREPLACE) == 0) return 0;
    // EINVAL: a file system that does not know RENAME_NOREPLACE.
    if (errno != EEXIST && errno != EINVAL) return errno;
    struct stat info{};
    const bool there = fstatat(fd, name_.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && !S_ISLNK(info.st_mode)) return EEXIST;
  }
  return renameat(fd, part_.c_str(), fd, name_.c_str()) == 0 ? 0 : errno;
}

void PartFile::quarantine() {
  file_.reset();
  unlinkat(folder_.fd(), etag_name_.c_str(), 0);
  renameat(folder_.fd(), part_.c_str(), folder_.fd(), (name_ + ".bad").c_str());
}

}  // namespace overtake::download
