// SPDX-License-Identifier: Apache-2.0
#include "core/cell.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <span>
#include <vector>

#include "core/error.h"

namespace overtake {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::array<std::string_view, 5> kDtypes = {"none", "f32", "f64", "bf16", "tf32"};
constexpr std::array<std::string_view, 5> kScopes = {"kernel", "end_to_end", "cold_start", "device", "reported"};
constexpr std::array<std::string_view, 6> kStrategies = {"serial", "threads", "processes", "mpi", "async", "gpu"};

std::size_t index_of(std::string_view what, Words words, std::string_view text) {
  const auto found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string list;
  for (const std::string_view word : words) list += (list.empty() ? "" : ", ") + std::string(word);
  throw UsageError("unknown " + std::string(what) + " '" + std::string(text) + "': use one of " + list);
}

bool is_plain(unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '+' || c == '-'; }

std::string encoded(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const unsigned char c : text) {
    if (is_plain(c)) {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
  return out;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(&text[i + 1], &text[i + 1] + 2, value, 16).ptr == &text[i + 1] + 2) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end; (end = text.find(separator)) != std::string_view::npos; text.remove_prefix(end + 1))
    parts.push_back(text.substr(0, end));
  parts.push_back(text);
  return parts;
}

}  // namespace

std::string_view to_string(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)]; }
std::string_view to_string(Scope scope) { return kScopes[static_cast<std::size_t>(scope)]; }
std::string_view to_string(Strategy strategy) { return kStrategies[static_cast<std::size_t>(strategy)]; }

Dtype parse_dtype(std::string_view text) { return static_cast<Dtype>(index_of("dtype", kDtypes, text)); }
Scope parse_scope(std::string_view text) { return static_cast<Scope>(index_of("scope", kScopes, text)); }
Strategy parse_strategy(std::string_view text) {
  return static_cast<Strategy>(index_of("strategy", kStrategies, text));
}

std::int64_t size_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::none:
      return 0;
    case Dtype::bf16:
      return 2;
    case Dtype::f32:
    case Dtype::tf32:
      return 4;
    case Dtype::f64:
      return 8;
  }
  return 0;
}

Workers Workers::parse(std::string_view text) {
  if (text == "all") return {};
  int count = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), count);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size() || count < 1)
    throw UsageError("workers '" + std::string(text) + "': give a number from 1, or 'all' for one per physical core");
  return {count};
}

std::string Workers::to_string() const { return count == 0 ? "all" : std::to_string(count); }

std::string Cell::name() const {
  std::string out = encoded(workload) + '/' + encoded(variant);
  out += '/' + std::string(overtake::to_string(dtype)) + '/' + std::string(overtake::to_string(scope));
  for (const auto& [key, value] : shape) out += '/' + encoded(key) + ':' + encoded(value);
  for (const auto& [key, value] : params) out += '/' + encoded(key) + '=' + encoded(value);
  return out + "/workers:" + workers.to_string();
}

Cell Cell::parse(std::string_view name) {
  const auto parts = split(name, '/');
  const auto bad = [&](std::string_view why) -> UsageError {
    return UsageError("'" + std::string(name) + "' does not name a cell: " + std::string(why));
  };
  if (parts.size() < 5) throw bad("expected workload/variant/dtype/scope/key:value.../workers:N");
  Cell cell;
  cell.workload = decoded(parts[0]);
  cell.variant = decoded(parts[1]);
  cell.dtype = parse_dtype(parts[2]);
  cell.scope = parse_scope(parts[3]);
  for (std::size_t i = 4; i < parts.size(); ++i) {
    const std::size_t at = parts[i].find_first_of(":=");
    if (at == std::string_view::npos) throw bad("'" + std::string(parts[i]) + "' is neither key:value nor key=value");
    const std::string key = decoded(parts[i].substr(0, at)), value = decoded(parts[i].substr(at + 1));
    if (i + 1 == parts.size()) {
      if (key != "workers") throw bad("it must end with workers:N");
      cell.workers = Workers::parse(value);
    } else {
      (parts[i][at] == ':' ? cell.shape : cell.params).set(key, value);
    }
  }
  return cell;
}

}  // namespace overtake
