// SPDX-License-Identifier: Apache-2.0
#include "compare/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compare/text.h"

namespace overtake::compare {
namespace {

// The place of `key` in `places`, made by `make` where it is new.
template <class T, class Make>
T& at_or_new(std::vector<T>& items, std::map<std::string, std::size_t>& places, const std::string& key, Make make) {
  const auto [place, is_new] = places.try_emplace(key, items.size());
  if (is_new) items.push_back(make());
  return items[place->second];
}

}  // namespace

std::string Series::text() const {
  std::string out(dtype == Dtype::none ? "" : fmt::format("{}, ", to_string(dtype)));
  out += to_string(scope);
  for (const auto& [key, value] : params) out += fmt::format(", {}={}", printable(key), printable(value));
  return out;
}

std::vector<Series> series_of(const std::vector<const Measured*>& cells) {
  std::vector<Series> all;
  std::map<std::string, std::size_t> places;
  std::vector<std::map<std::string, std::size_t>> size_places;
  for (const Measured* measured : cells) {
    Cell key = measured->cell;
    key.variant.clear();
    key.workers = {};
    const std::string size_key = key_of(key);
    key.shape = {};
    Series& series = at_or_new(all, places, key_of(key), [&] {
      size_places.emplace_back();
      return Series{measured->cell.dtype, measured->cell.scope, measured->cell.params, {}};
    });
    auto& sizes = size_places[static_cast<std::size_t>(&series - all.data())];
    at_or_new(series.sizes, sizes, size_key, [&] { return Size{measured->cell.shape, {}}; }).cells.push_back(measured);
  }
  return all;
}

std::vector<Family> families_of(const Series& series) {
  std::vector<Family> families;
  std::map<std::string, std::size_t> places;
  for (const Size& size : series.sizes) {
    const auto& shape = size.shape;
    if (shape.empty()) {
      Family& family = at_or_new(families, places, "", [] { return Family{}; });
      family.sizes.push_back(&size);
      family.names.push_back("the only size");
      family.short_names.push_back("the only size");
      continue;
    }
    const auto& [first_key, first_value] = *shape.begin();
    const bool all_equal =
        std::all_of(shape.begin(), shape.end(), [&](const auto& entry) { return entry.second == first_value; });
    KeyValues rest;
    if (!all_equal)
      for (auto entry = std::next(shape.begin()); entry != shape.end(); ++entry) rest.set(entry->first, entry->second);
    Family& family = at_or_new(families, places, all_equal ? "=" : rest.to_string(), [&] {
      std::string fixed;
      for (const auto& [key, value] : rest)
        fixed += fmt::format("{}{}={}", fixed.empty() ? "" : " ", printable(key), printable(value));
      return Family{fixed, {}, {}, {}};
    });
    family.sizes.push_back(&size);
    family.names.push_back(all_equal ? shape_text(shape)
                                     : fmt::format("{}={}", printable(first_key), printable(first_value)));
    family.short_names.push_back(printable(first_value));
  }
  return families;
}

}  // namespace overtake::compare
