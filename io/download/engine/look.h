// SPDX-License-Identifier: Apache-2.0
// The transfer of `do check`: HEAD, or where the server refuses that a GET of one byte; nothing is kept but what was
// answered and the redirects on the way.
#pragma once

#include <string_view>

#include "io/download/engine/transfer.h"

namespace overtake::download {

class Look final : public Transfer {
 public:
  Look(Context& context, CURLSH* share) : Transfer(context, share) {}

 private:
  void prepare() override;
  void on_header(std::string_view line) override;
  std::size_t on_body(const char* data, std::size_t size) override;
  void judge(CURLcode code, Attempt& attempt) override;
  void conclude(Attempt& attempt) override;

  std::int64_t status_of_head_ = 0;  // of the response whose head is coming
  std::vector<Hop> redirects_;
};

}  // namespace overtake::download
