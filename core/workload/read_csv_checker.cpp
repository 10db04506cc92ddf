// SPDX-License-Identifier: Apache-2.0
// The checker of read_csv, and what a selftest plants in a right answer.
#include <bit>
#include <cmath>
#include <limits>

#include "core/workload/read_csv.h"

namespace overtake {
namespace {

template <class T>
bool same(T a, T b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b && std::signbit(a) == std::signbit(b);
}

template <class T>
using Output = ReadCsv::Output<T>;
template <class T>
using Input = ReadCsv::Input<T>;

// Text that the columns' names and categories have in common with the expected ones.
template <class T>
std::string text_difference(const BasicTable<T>& expected, const Output<T>& out) {
  std::size_t at = 0;
  std::int64_t begin = 0;
  const auto differs = [&](const std::string& word) {
    if (at >= out.text_ends.size()) return true;
    const std::int64_t end = out.text_ends[at++];
    const bool within = begin >= 0 && end >= begin && end <= static_cast<std::int64_t>(out.text.size());
    const bool equal =
        within && std::string_view(out.text.data() + begin, static_cast<std::size_t>(end - begin)) == word;
    begin = end;
    return !equal;
  };
  for (std::size_t j = 0; j < expected.columns.size(); ++j) {
    const TableColumn<T>& column = expected.columns[j];
    if (differs(column.name)) return "the name of column " + std::to_string(j + 1) + " is not '" + column.name + "'";
    for (const std::string& word : column.categories)
      if (differs(word)) return "column " + std::to_string(j + 1) + " lacks the category '" + word + "' in its place";
  }
  return {};
}

template <class T>
std::string value_difference(const BasicTable<T>& expected, const Output<T>& out) {
  std::int64_t number = 0, category = 0;
  for (std::size_t j = 0; j < expected.columns.size(); ++j) {
    const TableColumn<T>& column = expected.columns[j];
    const auto kind = column.categorical ? static_cast<std::int32_t>(column.categories.size()) : -1;
    if (out.categorical[j] != kind)
      return "column " + std::to_string(j + 1) + " has " + std::to_string(out.categorical[j]) + " categories, not " +
             std::to_string(kind) + " (-1: numeric)";
    for (std::int64_t i = 0; i < expected.rows; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const bool equal = column.categorical ? out.codes(category, i) == column.codes[at]
                                            : same(out.numeric(number, i), column.values[at]);
      if (!equal) return "row " + std::to_string(i + 1) + " of column " + std::to_string(j + 1) + " differs";
    }
    ++(column.categorical ? category : number);
  }
  return {};
}

template <class T>
T* middle(Output<T>& out) {
  return out.numeric.size() > 0 ? &out.numeric(out.numeric.rows / 2, out.numeric.cols / 2) : nullptr;
}

// Where there are no numbers, the codes take their place.
template <class T>
void replace(Output<T>& out, T value) {
  if (T* element = middle(out))
    *element = value;
  else if (out.codes.size() > 0)
    out.codes(0, out.codes.cols / 2) = -2;
}

template <class T>
void one_unit_off(const Input<T>&, Output<T>& out) {
  const T* element = middle(out);
  const T value = element == nullptr || std::isnan(*element) ? T{0} : *element;
  replace(out, std::nextafter(value, std::numeric_limits<T>::infinity()));
}

template <class T>
void last_row_lost(const Input<T>&, Output<T>& out) {
  out.counts[0] -= 1;
}

template <class T>
void last_row_wrong(const Input<T>&, Output<T>& out) {
  if (out.numeric.size() > 0) {
    T& element = out.numeric(0, out.numeric.cols - 1);
    element = std::isnan(element) ? T{1} : std::numeric_limits<T>::quiet_NaN();
  } else {
    out.codes(0, out.codes.cols - 1) ^= 1;
  }
}

template <class T>
void other_category(const Input<T>& in, Output<T>& out) {
  if (out.codes.size() > 0)
    out.codes(0, 0) ^= 1;
  else
    last_row_lost(in, out);
}

template <class T>
void other_name(const Input<T>&, Output<T>& out) {
  out.text_ends[0] += 1;
}

template <class T>
void not_a_number(const Input<T>& in, Output<T>& out) {
  const T* element = middle(out);
  if (element != nullptr && std::isnan(*element))
    last_row_lost(in, out);
  else
    replace(out, std::numeric_limits<T>::quiet_NaN());
}

template <class T>
void infinite(const Input<T>&, Output<T>& out) {
  const T* element = middle(out);
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  replace(out, element != nullptr && *element == kInfinity ? -kInfinity : kInfinity);
}

template <class T>
void columns_swapped(const Input<T>&, Output<T>& out) {
  out.categorical[0] = out.categorical[0] < 0 ? 1 : -1;
}

}  // namespace

template <class T>
ReadCsv::Checker<T>::Checker(const Input<T>& input) : expected_(read_table_as<T>(input.text, input.name)) {}

template <class T>
Check ReadCsv::Checker<T>::operator()(const Output<T>& out) const {
  Check check{.method = "reference", .ok = false};
  const auto columns = static_cast<std::int64_t>(expected_.columns.size());
  if (out.counts[0] != expected_.rows || out.counts[1] != columns)
    check.detail = "there are " + std::to_string(out.counts[0]) + " rows and " + std::to_string(out.counts[1]) +
                   " columns, not " + std::to_string(expected_.rows) + " and " + std::to_string(columns);
  else if (out.numeric.cols < expected_.rows || out.categorical.size() != expected_.columns.size())
    check.detail = "the text holds another table than the problem says";
  else
    check.detail = value_difference(expected_, out);
  if (check.detail.empty()) check.detail = text_difference(expected_, out);
  check.ok = check.detail.empty();
  check.error = check.ok ? 0 : 1;
  return check;
}

template <class T>
std::span<const ReadCsv::Fault<T>> ReadCsv::faults() {
  static constexpr Fault<T> kFaults[] = {
      {"one number off by a unit in its last place", one_unit_off<T>},
      {"the last row lost", last_row_lost<T>},
      {"the last row wrong", last_row_wrong<T>},
      {"another category", other_category<T>},
      {"another name", other_name<T>},
      {"a NaN", not_a_number<T>},
      {"an infinity", infinite<T>},
      {"a column of the other kind", columns_swapped<T>},
  };
  return kFaults;
}

template class ReadCsv::Checker<float>;
template class ReadCsv::Checker<double>;
template std::span<const ReadCsv::Fault<float>> ReadCsv::faults();
template std::span<const ReadCsv::Fault<double>> ReadCsv::faults();

}  // namespace overtake
