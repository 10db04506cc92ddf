// SPDX-License-Identifier: Apache-2.0
// What a downloader reads that others wrote: lists, and the headers Retry-After, Content-Range and ETag. Whatever
// comes, a name stays a name, a range lies in its file, and a pause is one that can be waited for.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>

#include "io/download/engine/headers.h"
#include "io/download/engine/list.h"
#include "io/download/engine/names.h"

namespace {

void require(bool good) {
  if (!good) std::abort();
}

void require_name(std::string_view name) {
  require(!name.empty() && name.size() <= 210 && name[0] != '.' && overtake::download::is_utf8(name));
  for (const char c : name) require(c != '/' && c != '\\' && static_cast<unsigned char>(c) >= 32 && c != 127);
  require(!name.ends_with(".part") && !name.ends_with(".bad") && !name.ends_with(".etag"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace overtake::download;
  const std::string text(reinterpret_cast<const char*>(data), size);
  require_name(safe_name(text));
  require_name(name_of_url(text));
  std::istringstream in(text);
  ListReader reader(in);
  std::int64_t line = 0;
  while (const auto entry = reader.next()) {
    require(entry->line > line);
    line = entry->line;
    if (entry->error.empty()) require_name(entry->name);
  }
  const auto seconds = parse_retry_after(text, 784111777);
  require(!seconds || *seconds >= 0);
  if (const auto range = parse_content_range(text))
    require(range->first <= range->last && (range->size < 0 || range->last < range->size) &&
            (range->first >= 0 || range->size >= 0));
  const std::string etag = strong_etag(text);
  require(etag.find_first_of("\r\n") == std::string::npos);
  return 0;
}
