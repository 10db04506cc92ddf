// SPDX-License-Identifier: Apache-2.0
#include "core/csv/number.h"

#include <fast_float/fast_float.h>

#include <charconv>
#include <cmath>

namespace overtake {
namespace {

/// fast_float and std::from_chars take no leading '+', which spreadsheets and Fortran write.
std::string_view without_plus(std::string_view text) {
  const bool plus = text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+';
  return plus ? text.substr(1) : text;
}

template <class T>
std::optional<T> parse_floating(std::string_view text) {
  text = without_plus(text);
  T value = 0;
  const auto [end, error] = fast_float::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  // Releases differ in how they report a value out of range (Debian 12's reports none), so the value decides.
  if (std::isinf(value) && text.find_first_of("iI") == std::string_view::npos) return std::nullopt;
  if (error != std::errc{} && error != std::errc::result_out_of_range) return std::nullopt;
  return value;
}

}  // namespace

std::string format_double(double value) {
  if (std::isnan(value)) return "nan";
  char text[32];  // the longest double takes 24
  const auto result = std::to_chars(text, text + sizeof text, value);
  return {text, result.ptr};
}

std::optional<double> parse_double(std::string_view text) { return parse_floating<double>(text); }
std::optional<float> parse_float(std::string_view text) { return parse_floating<float>(text); }

std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = without_plus(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace overtake
