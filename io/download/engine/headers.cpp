// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/headers.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>

namespace overtake::download {
namespace {

// Digits only: no sign, no space. nullopt also where the number is too large.
std::optional<std::int64_t> digits(std::string_view text) {
  std::int64_t value = 0;
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::optional<double> parse_retry_after(std::string_view value, std::time_t now) {
  value = trimmed(value);
  if (const auto seconds = digits(value)) return static_cast<double>(*seconds);
  // A date begins with the name of a day; curl's reader takes much that is no date at all, such as "-5".
  if (value.size() < 16 || value.size() > 64 || value[0] < 'A' || value[0] > 'Z') return std::nullopt;
  const std::time_t then = curl_getdate(std::string(value).c_str(), nullptr);
  if (then < 0) return std::nullopt;
  return std::max(0.0, std::difftime(then, now));
}

std::optional<ContentRange> parse_content_range(std::string_view value) {
  value = trimmed(value);
  if (!value.starts_with("bytes ")) return std::nullopt;
  value.remove_prefix(6);
  const std::size_t slash = value.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view range = value.substr(0, slash), size = value.substr(slash + 1);
  ContentRange out;
  if (size != "*") {
    const auto whole = digits(size);
    if (!whole) return std::nullopt;
    out.size = *whole;
  }
  if (range == "*") return out.size >= 0 ? std::optional(out) : std::nullopt;
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = digits(range.substr(0, dash)), last = digits(range.substr(dash + 1));
  if (!first || !last || *first > *last || (out.size >= 0 && *last >= out.size)) return std::nullopt;
  out.first = *first;
  out.last = *last;
  return out;
}

std::string strong_etag(std::string_view value) {
  value = trimmed(value);
  if (value.size() < 2 || value.size() > 512 || !value.starts_with('"') || !value.ends_with('"')) return {};
  const std::string_view inner = value.substr(1, value.size() - 2);
  // RFC 9110, 8.8.3: no quote and no control character inside.
  if (!std::ranges::all_of(inner, [](char c) { return static_cast<unsigned char>(c) > 32 && c != '"' && c != 127; }))
    return {};
  return std::string(value);
}

}  // namespace overtake::download
