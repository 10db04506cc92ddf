// SPDX-License-Identifier: Apache-2.0
// Figures in words and as bars: what the labs' explanations are written with.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

#include "lab/lab.h"

namespace overtake::lab {

/// Times within a fifth of each other count as alike: less than that is noise on a machine that others use.
constexpr double kAlike = 1.2;

inline bool longer(double a, double b) { return a > b * kAlike; }
inline bool alike(double a, double b) { return !longer(a, b) && !longer(b, a); }

/// How `a` relates to `b`: "3.4 times as long as", "about as long as", "only 0.40 times as long as".
std::string as_long_as(double a, double b);

/// "1 thread", "2 threads".
std::string threads_text(int count);

/// "1,234,567": a count, rounded.
std::string grouped(double count);

/// Which of the ranges below, between and above ascending `limits` the value is in: 0 for value < the first.
std::size_t range_of(double value, std::initializer_list<double> limits);

/// A bar whose value is a time.
Bar time_bar(std::string label, double seconds);

/// The charts as text: label, bar and figure a line, at most `columns` wide.
std::string drawn(const std::vector<Chart>& charts, std::size_t columns);

/// Broken between words at `columns`, every line after `indent` blanks.
std::string wrapped(const std::string& text, std::size_t columns, std::size_t indent = 0);

}  // namespace overtake::lab
