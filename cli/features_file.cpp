// SPDX-License-Identifier: Apache-2.0
#include "cli/features_file.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/csv/writer.h"
#include "core/error.h"
#include "core/file.h"

namespace overtake::cli {
namespace {

// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0.
std::string npy_header(const View<float>& features) {
  static_assert(std::endian::native == std::endian::little);
  std::string dictionary =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", features.rows, features.cols);
  constexpr std::size_t kBefore = 10,
                        kUnit = 64;  // what is before the dictionary; data start at a multiple of the unit
  dictionary.append((kUnit - (kBefore + dictionary.size() + 1) % kUnit) % kUnit, ' ');
  dictionary += '\n';
  std::string header = "\x93NUMPY";
  header += '\x01';
  header += '\x00';
  header += static_cast<char>(dictionary.size() & 0xff);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}

void write_csv(const std::filesystem::path& path, const View<float>& features, const std::vector<std::string>& names) {
  CsvWriter writer;
  writer.record(names);
  std::string text = writer.text();
  char number[32];
  for (std::int64_t i = 0; i < features.rows; ++i) {
    for (std::int64_t j = 0; j < features.cols; ++j) {
      if (j > 0) text += ',';
      const float value = features(i, j);
      if (!std::isnan(value)) text.append(number, std::to_chars(number, number + sizeof number, value).ptr);
    }
    // A lone empty cell would be a blank line, which readers skip.
    if (features.cols == 1 && std::isnan(features(i, 0))) text += "\"\"";
    text += '\n';
  }
  write_file(path, text);
}

}  // namespace

void require_features_name(const std::filesystem::path& path) {
  if (path.extension() != ".npy" && path.extension() != ".csv")
    throw UsageError("--out " + path.string() + ": features are written as .npy or .csv");
}

void write_features(const std::filesystem::path& path, const View<float>& features,
                    const std::vector<std::string>& names) {
  if (path.extension() == ".csv") return write_csv(path, features, names);
  const std::string header = npy_header(features);
  const std::string_view data(reinterpret_cast<const char*>(features.data),
                              static_cast<std::size_t>(features.size()) * sizeof(float));
  std::filesystem::path beside = path;
  write_file(
      beside.replace_extension(".names.json"),
      nlohmann::ordered_json(names).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  write_file(path, {header, data});
}

}  // namespace overtake::cli
