// SPDX-License-Identifier: Apache-2.0
// Numbers as text in CSV cells: shortest text that reads back as the same value, and strict parsing of whole cells.
// For core/results and for the readers of users' tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace overtake {

/// The shortest decimal text that parse_double reads back as the same value; "nan", "inf", "-inf" (a NaN loses its sign
/// and payload).
std::string format_double(double value);

/// The whole text as a number: decimal or scientific notation, a leading sign, "nan", "inf", "infinity" in any case.
/// Correctly rounded. Nothing for empty text, surrounding blanks, anything behind the number, or a finite number that
/// is too large for the type; one that is too small is 0.
std::optional<double> parse_double(std::string_view text);
std::optional<float> parse_float(std::string_view text);

/// The whole text as a decimal integer with an optional sign; nothing where it is none or does not fit.
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace overtake
