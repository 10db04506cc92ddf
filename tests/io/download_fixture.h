// SPDX-License-Identifier: Apache-2.0
// The built program against an origin of its own: what every test of downloads stands on.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/file_descriptor.h"
#include "tests/cli/program.h"
#include "tests/support/temporary_folder.h"

namespace overtake {

using Json = nlohmann::json;

/// `overtake do origin` as a process of its own, ended with this object.
class OriginProcess {
 public:
  explicit OriginProcess(bool tls = false);
  ~OriginProcess();
  OriginProcess(const OriginProcess&) = delete;
  OriginProcess& operator=(const OriginProcess&) = delete;

  /// "http://127.0.0.1:PORT/f/" + `what`, as /f/SIZE/NAME?options.
  std::string url(const std::string& what, const std::string& kind = "http") const;
  const Json& addresses() const { return addresses_; }
  /// Shell text that waits until it was asked so many times in all.
  std::string until_requests(int count) const;
  /// What was asked of it so far.
  std::vector<Json> requests() const;

 private:
  TemporaryFolder folder_;
  FileDescriptor stdin_;
  pid_t pid_ = -1;
  Json addresses_;
};

struct Downloaded {
  Outcome outcome;
  std::vector<Json> rows;  // in the order of the list's lines
};

/// Shell variables in front of a command whose calls of `what` are to fail; see faults.cpp.
std::string fault(const std::string& what, int error, const std::string& more = {});

/// The rows of JSON lines, sorted by "line".
std::vector<Json> parse_rows(const std::string& text);

/// What the file that the origin serves at /f/SIZE/NAME holds.
std::string content_of(const std::string& what, std::int64_t version = 1);
std::string sha256_of(const std::string& what, std::int64_t version = 1);

class DownloadTest : public ::testing::Test {
 protected:
  static constexpr const char* kFlags = " --allow-private 127.0.0.1 --backoff 0.05 ";

  /// Downloads `list` into out/. `before` stands in front of the command (variables).
  Downloaded download(const std::string& list, const std::string& flags = {}, const std::string& before = {});
  std::string file(const std::string& name) const;
  bool there(const std::string& name) const;
  /// Names in out/, sorted, without the record.
  std::vector<std::string> names() const;

  TemporaryFolder folder;
  OriginProcess origin;
};

}  // namespace overtake
