// SPDX-License-Identifier: Apache-2.0
#include "core/memory/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/file.h"
#include "core/file_descriptor.h"

namespace overtake {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (file.get() >= 0 && fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    void* at = mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (at != MAP_FAILED) {
      data_ = static_cast<const char*>(at);
      size_ = static_cast<std::size_t>(info.st_size);
      mapped_ = true;
      return;
    }
  }
  content_ = read_file(path);
  data_ = content_.data();
  size_ = content_.size();
}

MappedFile::MappedFile(int descriptor, std::size_t bytes) : size_(bytes), mapped_(bytes > 0) {
  if (bytes == 0) return;
  void* at = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor, 0);
  if (at == MAP_FAILED) throw_errno("mapping a file");
  data_ = static_cast<const char*>(at);
}

MappedFile::~MappedFile() {
  if (mapped_) munmap(const_cast<char*>(data_), size_);
}

}  // namespace overtake
