// SPDX-License-Identifier: Apache-2.0
// The transfer of `do download`: what comes goes to NAME.part, is verified, and gets its name. Goes on with what an
// earlier attempt left where the server's tag allows it.
#pragma once

#include <optional>
#include <string>

#include "io/download/engine/part_file.h"
#include "io/download/engine/transfer.h"

namespace overtake::download {

class FileTransfer final : public Transfer {
 public:
  FileTransfer(Context& context, CURLSH* share) : Transfer(context, share) {}

 private:
  void prepare() override;
  void on_header(std::string_view line) override;
  std::size_t on_body(const char* data, std::size_t size) override;
  void judge(CURLcode code, Attempt& attempt) override;
  void conclude(Attempt& attempt) override;

  bool start_body();
  bool start_partial();
  bool fail_file(int error, const char* what);
  void judge_status(Attempt& attempt);
  void verify(Attempt& attempt);
  void set_range();

  // Of the present attempt.
  HeaderList range_headers_;
  std::optional<PartFile> part_;
  PartFile::Resumable asked_;  // what was asked to be gone on with
  bool body_started_ = false, resumed_ = false;
  bool ends_by_chunk_ = false;        // its end is marked, so that its size is known to be right
  std::string etag_, content_range_;  // of the last response
};

}  // namespace overtake::download
