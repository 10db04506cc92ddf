// SPDX-License-Identifier: Apache-2.0
#include "io/origin/behaviour.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "core/error.h"

namespace overtake::origin {
namespace {

double number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0) || value > 1e15)
    throw UsageError(fmt::format("'{}' is not a number of at least 0", text));
  return value;
}

std::int64_t whole(std::string_view text) { return static_cast<std::int64_t>(number(text)); }
double milliseconds(std::string_view text) { return number(text) / 1e3; }

// 10000, 10k, 100M, 1G: powers of ten.
std::int64_t size_of_text(std::string_view text) {
  std::int64_t unit = 1;
  if (text.ends_with('k')) unit = 1'000;
  if (text.ends_with('M')) unit = 1'000'000;
  if (text.ends_with('G')) unit = 1'000'000'000;
  if (unit > 1) text.remove_suffix(1);
  return whole(text) * unit;
}

template <class Enum>
Enum one_of(std::string_view text, std::span<const std::pair<std::string_view, Enum>> words) {
  for (const auto& [word, value] : words)
    if (word == text) return value;
  throw UsageError(fmt::format("'{}' is not a word that this option takes", text));
}

constexpr std::pair<std::string_view, Fault> kFaults[] = {{"mute", Fault::mute},       {"hang_up", Fault::hang_up},
                                                          {"reset", Fault::reset},     {"close", Fault::close},
                                                          {"silence", Fault::silence}, {"none", Fault::none}};
constexpr std::pair<std::string_view, Encoding> kEncodings[] = {{"identity", Encoding::identity},
                                                                {"chunked", Encoding::chunked},
                                                                {"gzip", Encoding::gzip},
                                                                {"close", Encoding::until_close}};
constexpr std::pair<std::string_view, Ranges> kRanges[] = {
    {"yes", Ranges::yes}, {"ignored", Ranges::ignored}, {"wrong", Ranges::wrong}, {"416", Ranges::unsatisfiable}};
constexpr std::pair<std::string_view, Etag> kEtags[] = {
    {"strong", Etag::strong}, {"weak", Etag::weak}, {"none", Etag::none}};

struct Option {
  std::string_view name, value, meaning;
  void (*read)(Behaviour&, std::string_view);
};

using V = std::string_view;
constexpr Option kOptions[] = {
    {"seed", "N", "other content", [](Behaviour& b, V v) { b.seed = static_cast<std::uint64_t>(whole(v)); }},
    {"delay", "MS", "before the response", [](Behaviour& b, V v) { b.delay = milliseconds(v); }},
    {"jitter", "MS", "and up to so much more, seeded", [](Behaviour& b, V v) { b.jitter = milliseconds(v); }},
    {"connection_delay", "MS", "and so much on a connection's first response",
     [](Behaviour& b, V v) { b.connection_delay = milliseconds(v); }},
    {"rate", "BYTES", "a second, on this connection", [](Behaviour& b, V v) { b.rate = number(v); }},
    {"drip", "MS", "between single bytes of the body", [](Behaviour& b, V v) { b.drip = milliseconds(v); }},
    {"drip_head", "MS", "between single bytes from the first on",
     [](Behaviour& b, V v) { b.drip_head = milliseconds(v); }},
    {"status", "CODE", "instead of 200", [](Behaviour& b, V v) { b.status = static_cast<int>(whole(v)); }},
    {"retry_after", "TEXT", "the header Retry-After", [](Behaviour& b, V v) { b.retry_after = v; }},
    {"redirect", "URL", "where to (percent-encoded)", [](Behaviour& b, V v) { b.redirect = v; }},
    {"redirect_status", "CODE", "302 unless said",
     [](Behaviour& b, V v) { b.redirect_status = static_cast<int>(whole(v)); }},
    {"hops", "N", "redirects to itself before the file", [](Behaviour& b, V v) { b.hops = whole(v); }},
    {"times", "N", "status, redirect and faults in the first N requests for this URL only",
     [](Behaviour& b, V v) { b.times = whole(v); }},
    {"fault", "mute|hang_up|reset|close|silence",
     "mute: no answer; hang_up: closes instead of answering; the others after `at` bytes of the body",
     [](Behaviour& b, V v) { b.fault = one_of<Fault>(v, kFaults); }},
    {"at", "BYTES", "of the body before the fault", [](Behaviour& b, V v) { b.at = size_of_text(v); }},
    {"encoding", "identity|chunked|gzip|close", "close: no length, ends by closing",
     [](Behaviour& b, V v) { b.encoding = one_of<Encoding>(v, kEncodings); }},
    {"final_chunk", "0|1", "0: chunked without its end", [](Behaviour& b, V v) { b.final_chunk = v != "0"; }},
    {"zeros", "0|1", "1: the content is zeros (with gzip: a bomb)", [](Behaviour& b, V v) { b.zeros = v == "1"; }},
    {"length", "BYTES", "a Content-Length that is not true", [](Behaviour& b, V v) { b.length = size_of_text(v); }},
    {"range", "yes|ignored|wrong|416", "how Range is answered; wrong: another range than was asked for",
     [](Behaviour& b, V v) { b.ranges = one_of<Ranges>(v, kRanges); }},
    {"etag", "strong|weak|none", "", [](Behaviour& b, V v) { b.etag = one_of<Etag>(v, kEtags); }},
    {"change_after", "N", "the content and its ETag are others from request N+1 for this URL on",
     [](Behaviour& b, V v) { b.change_after = whole(v); }},
    {"stale", "0|1", "1: closes when the next request comes on this connection",
     [](Behaviour& b, V v) { b.stale = v == "1"; }},
    {"header", "NAME:VALUE", "one more header (percent-encoded); may be repeated",
     [](Behaviour& b, V v) { b.headers.emplace_back(v); }},
};

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void read_option(Behaviour& behaviour, std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const auto* option = std::ranges::find(kOptions, name, &Option::name);
  if (option == std::end(kOptions)) throw UsageError(fmt::format("there is no option '{}'", name));
  if (equals == std::string_view::npos)
    throw UsageError(fmt::format("{}={} is missing its value", name, option->value));
  try {
    option->read(behaviour, percent_decoded(text.substr(equals + 1)));
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("{}={}: {}", name, option->value, error.what()));
  }
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Behaviour parse_target(std::string_view target) {
  Behaviour behaviour;
  std::string_view path = target.substr(0, target.find('?'));
  if (!path.starts_with("/f/")) throw UsageError("a URL of the origin looks like /f/SIZE/NAME?option=value");
  path.remove_prefix(3);
  behaviour.size = size_of_text(path.substr(0, path.find('/')));
  if (target.find('?') == std::string_view::npos) return behaviour;
  std::string_view query = target.substr(target.find('?') + 1);
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    if (end > 0) read_option(behaviour, query.substr(0, end));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return behaviour;
}

std::string url_grammar() {
  std::string out =
      "URLs: /f/SIZE/NAME?option=value&...  SIZE in bytes, or 10k, 100M, 1G (powers of ten); the content follows from\n"
      "the path and the seed. Options:\n";
  for (const Option& option : kOptions)
    out += fmt::format("  {:34} {}\n", fmt::format("{}={}", option.name, option.value), option.meaning);
  out += "GET and HEAD; Range, If-Range and keep-alive. /stats answers with counts as JSON.";
  return out;
}

}  // namespace overtake::origin
