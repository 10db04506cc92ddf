// SPDX-License-Identifier: Apache-2.0
// A list of URLs that makes up its lines as they are read, so that whatever memory grows is the reader's.
#pragma once

#include <streambuf>
#include <string>

namespace overtake {

/// http://h/0, http://h/1, … up to `count` lines; lines() says how many were asked for so far.
class MadeUpList : public std::streambuf {
 public:
  explicit MadeUpList(int count) : count_(count) {}
  int lines() const { return lines_; }

 private:
  int underflow() override {
    if (lines_ == count_) return traits_type::eof();
    line_ = "http://h/" + std::to_string(lines_++) + "\n";
    setg(line_.data(), line_.data(), line_.data() + line_.size());
    return traits_type::to_int_type(*gptr());
  }

  int count_, lines_ = 0;
  std::string line_;
};

}  // namespace overtake
