// SPDX-License-Identifier: Apache-2.0
#include "compare/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/csv/number.h"

namespace overtake::compare {
namespace {

// Length of the UTF-8 sequence at the start of `text`; 0 where it is broken or a control character.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return byte(0) < 0x20 || byte(0) == 0x7f ? 0 : 1;
  const std::size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const bool second_control_block = byte(0) == 0xc2 && byte(1) < 0xa0;
  const bool bidirectional_override = byte(0) == 0xe2 && ((byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae) ||
                                                          (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9));
  return second_control_block || bidirectional_override ? 0 : length;
}

// From so many bytes each on, what a file costs besides its bytes is little.
constexpr double kLargeFile = 1e6;

// "12.3 M rows/s".
std::string with_prefix(double value, std::string_view unit) {
  static constexpr std::array<std::pair<double, const char*>, 3> kPrefixes = {{{1e9, "G "}, {1e6, "M "}, {1e3, "k "}}};
  for (const auto& [factor, prefix] : kPrefixes)
    if (value >= factor * 0.9995) return fmt::format("{} {}{}", three_digits(value / factor), prefix, unit);
  return fmt::format("{} {}", three_digits(value), unit);
}

}  // namespace

std::string three_digits(double value) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size < 0.000995 || size >= 999500) return fmt::format("{:.2e}", value);
  // Of the value as it will be rounded: 9.996 has two digits before the point.
  const int magnitude = static_cast<int>(std::floor(std::log10(size * (1 + 0.0005))));
  if (magnitude < 3) return fmt::format("{:.{}f}", value, 2 - magnitude);
  const double unit = std::pow(10.0, magnitude - 2);
  return fmt::format("{:.0f}", std::round(value / unit) * unit);
}

std::string duration_text(double seconds) {
  static constexpr std::array<std::pair<double, const char*>, 4> kUnits = {
      {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}}};
  if (seconds == 0) return "0 s";
  for (const auto& [factor, unit] : kUnits)
    if (seconds >= factor * 0.9995) return three_digits(seconds / factor) + " " + unit;
  return three_digits(seconds * 1e9) + " ns";
}

std::string percent_text(double fraction) {
  const double percent = 100 * fraction;
  return std::abs(percent) < 9.95 ? fmt::format("{:.1f} %", percent) : fmt::format("{:.0f} %", percent);
}

std::string ratio_text(double ratio) {
  if (ratio < 0.0995 && ratio > 0) return fmt::format("{:.2g}", ratio);
  return ratio < 9.995 ? fmt::format("{:.2f}", ratio) : three_digits(ratio);
}

std::string rate_text(const KeyValues& shape, std::optional<double> flops, std::optional<double> bytes,
                      double seconds) {
  if (!(seconds > 0)) return "";
  const auto files = parse_double(shape.find("files").value_or("")),
             each = parse_double(shape.find("bytes").value_or(""));
  if (files && each && *each >= kLargeFile) {
    const double rate = *files * *each / seconds;
    return rate < 999.5e6 ? three_digits(rate / 1e6) + " MB/s" : three_digits(rate / 1e9) + " GB/s";
  }
  for (const char* const item : {"rows", "files"})
    if (const auto count = parse_double(shape.find(item).value_or("")))
      return with_prefix(*count / seconds, std::string(item) + "/s");
  if (flops.value_or(0) > 0) return three_digits(*flops / seconds / 1e9) + " GFLOP/s";
  if (bytes.value_or(0) > 0) return three_digits(*bytes / seconds / 1e9) + " GB/s";
  return "";
}

std::string shape_text(const KeyValues& shape) {
  const bool all_equal =
      std::all_of(shape.begin(), shape.end(), [&](const auto& entry) { return entry.second == shape.begin()->second; });
  std::string out;
  for (const auto& [key, value] : shape) out += all_equal ? key + "=" : (out.empty() ? "" : " ") + key + "=" + value;
  if (all_equal && !shape.empty()) out += shape.begin()->second;
  return printable(out);
}

std::string count_text(std::size_t count, std::string_view singular) {
  return fmt::format("{} {}{}", count, singular, count == 1 ? "" : singular.ends_with("s") ? "es" : "s");
}

std::string list_text(const std::vector<std::string>& items, std::string_view last_word) {
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += i + 1 == items.size() ? fmt::format(" {} ", last_word) : ", ";
    out += items[i];
  }
  return out;
}

std::string printable(std::string_view text, std::size_t most) {
  const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7f; };
  if (text.size() <= most && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  std::string out;
  for (std::size_t width = 0; !text.empty(); ++width) {
    if (width == most) return out + "…";
    const std::size_t length = sequence_length(text);
    out += length == 0 ? "?" : std::string(text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace overtake::compare
