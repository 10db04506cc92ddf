// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/list.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/download/engine/headers.h"

namespace overtake::download {
namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

}  // namespace

// False: the list has ended. A line that is too long is skipped without being kept.
bool ListReader::read_line(std::string& line) {
  line.clear();
  too_long_ = false;
  std::streambuf& buffer = *in_.rdbuf();
  for (int c = buffer.sbumpc();; c = buffer.sbumpc()) {
    if (c == std::char_traits<char>::eof()) return !line.empty() || too_long_;
    if (c == '\n') return true;
    if (line.size() < kMostLine)
      line += static_cast<char>(c);
    else
      too_long_ = true;
  }
}

std::optional<Entry> ListReader::next() {
  std::string line;
  while (read_line(line)) {
    ++line_;
    std::string_view text = line;
    if (line_ == 1 && text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    text = trimmed(text);
    if (text.empty() || text.starts_with('#')) continue;
    Entry entry = parse(text);
    entry.line = line_;
    return entry;
  }
  return std::nullopt;
}

Entry ListReader::parse(std::string_view text) {
  Entry entry;
  const auto refuse = [&](std::string why) {
    entry.error = std::move(why);
    return entry;
  };
  if (too_long_) return refuse(fmt::format("longer than {} bytes", kMostLine));
  if (!is_utf8(text)) return refuse("not UTF-8");
  if (std::ranges::any_of(text, [](char c) { return (static_cast<unsigned char>(c) < 32 && c != '\t') || c == 127; }))
    return refuse("has a control character");
  std::string wanted;
  for (std::string_view left = text; !left.empty();) {
    const std::size_t end = std::min(left.find_first_of(" \t"), left.size());
    const std::string_view word = left.substr(0, end);
    left = trimmed(left.substr(end));
    if (entry.url.empty()) {
      entry.url = word;
    } else if (word.starts_with("sha256=")) {
      entry.sha256 = lower(word.substr(7));
      if (entry.sha256.size() != 64 || !std::ranges::all_of(entry.sha256, is_hex))
        return refuse("sha256= needs 64 hexadecimal digits");
    } else if (word.starts_with("name=")) {
      wanted = word.substr(5);
      if (wanted.empty()) return refuse("name= is empty");
    } else {
      return refuse(fmt::format("'{}' is neither sha256= nor name= (a space in a URL is written %20)", word));
    }
  }
  const std::string scheme = lower(std::string_view(entry.url).substr(0, entry.url.find("://")));
  const std::string_view rest = std::string_view(entry.url).substr(std::min(scheme.size() + 3, entry.url.size()));
  if ((scheme != "http" && scheme != "https") || rest.empty() || rest.starts_with('/'))
    return refuse("is no http:// or https:// URL");
  name(entry, wanted);
  return entry;
}

// Two URLs of a list that want one name get different ones; the same URL under the same name is a duplicate.
void ListReader::name(Entry& entry, std::string_view wanted) {
  if (use_ == For::urls) {
    entry.duplicate = !names_.enter_url(entry.url);
    return;
  }
  entry.name = wanted.empty() ? name_of_url(entry.url) : safe_name(wanted);
  const auto seen = names_.enter(entry.name, entry.url);
  entry.duplicate = seen == NameTable::Seen::same_url;
  if (seen != NameTable::Seen::name_taken) return;
  entry.name = distinct_name(entry.name, entry.url);
  if (names_.enter(entry.name, entry.url) != NameTable::Seen::fresh) entry.error = "its file name is taken";
}

}  // namespace overtake::download
