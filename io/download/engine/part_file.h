// SPDX-License-Identifier: Apache-2.0
// Where a body is written until it is complete: NAME.part beside its final place, renamed when verified. What a later
// attempt or run needs to go on with it, the strong entity tag, stands in NAME.part.etag.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/file_descriptor.h"
#include "io/download/engine/folder.h"

namespace overtake::download {

/// The digest of a regular file in the folder; empty: there is none that can be read.
std::string digest_of_file(int folder, const std::string& name);

/// Size of a regular file (links are not followed); negative: there is none.
std::int64_t size_of_file(int folder, const std::string& name);

class PartFile {
 public:
  PartFile(Folder& folder, const std::string& url, const std::string& name, bool digest);
  ~PartFile() = default;

  /// What an earlier attempt left that can be gone on with; etag is empty where nothing can.
  struct Resumable {
    std::int64_t bytes = 0;
    std::string etag;
  };
  Resumable resumable();

  // All that can fail returns 0 or errno.
  /// Begins at 0, whatever was there.
  int open_fresh();
  /// Goes on after the bytes that are there, which must be `bytes`.
  int open_resumed(std::int64_t bytes);
  int write(const char* data, std::size_t size);
  /// Leaves what is there for a later attempt or run, where `etag` is strong; otherwise removes it.
  void keep(const std::string& etag);
  /// The file while it is written stays usable after a kill.
  int note_etag(const std::string& etag);
  void discard();
  std::string digest();
  enum class Finish { done, occupied, failed };
  /// Records it and renames it to its name. `occupied`: another file has the name, and is not to be replaced. A
  /// symbolic link is no file: it is replaced, never followed.
  Finish finish(bool replace, int& error);
  void quarantine();
  std::int64_t size() const { return size_; }
  bool is_open() const { return static_cast<bool>(file_); }

 private:
  int digest_what_is_there();
  int place(bool replace);
  Folder& folder_;
  const std::string& url_;
  const std::string& name_;
  std::string part_, etag_name_;
  FileDescriptor file_;
  std::unique_ptr<Digest> digest_;
  std::int64_t size_ = 0;
  bool tagged_ = false;  // NAME.part.etag may be there
};

}  // namespace overtake::download
