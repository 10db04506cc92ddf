// SPDX-License-Identifier: Apache-2.0
// The folder that is downloaded into: its lock, and the record of what was completed there. Everything in it is reached
// through its descriptor, so that no rename of the folder and no link in its place can lead elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/file_descriptor.h"
#include "core/memory/large_array.h"

namespace overtake::download {

class Folder {
 public:
  /// Makes the folder where absent and locks it. Throws UsageError: it cannot be made or written to, or another
  /// download is at work in it.
  static Folder lock(const std::string& path);
  /// No folder at all, for what keeps nothing: no file can be made in it.
  static Folder none();
  /// For a worker process of the one that holds the lock.
  static Folder attach(const std::string& path);

  int fd() const { return folder_.get(); }
  /// Nothing but our own record was in it: no file can be in the way, none can be gone on with.
  bool was_empty() const { return was_empty_; }
  /// Whether the record says that this URL was completed under this name with this size.
  bool recorded(std::string_view url, std::string_view name, std::int64_t size) const;
  /// Records it; returns 0 or errno. Called before the rename: a record without its file is harmless, a file without
  /// its record would be taken for somebody else's.
  int record(std::string_view url, std::string_view name, std::int64_t size);

 private:
  Folder() = default;
  void open(const std::string& path);
  void read_record(const std::string& path);
  void note(std::string_view line);
  FileDescriptor folder_, record_;
  bool was_empty_ = false;
  LargeArray<std::uint64_t> done_;  // hashes of URL, name and size; sorted
  std::size_t done_count_ = 0;
};

}  // namespace overtake::download
