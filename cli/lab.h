// SPDX-License-Identifier: Apache-2.0
// `overtake lab`: lists the labs, runs one or all of them, or draws those of many machines side by side.
#pragma once

#include <optional>
#include <string>

#include "core/error.h"

namespace overtake::cli {

struct LabArguments {
  std::string name;          // empty: list them
  std::optional<int> guess;  // from 1, as the choices are numbered
  bool no_guess = false;
  double seconds = 10;  // that one lab may measure
  std::optional<double> scale;
  std::string out = "results";
  std::optional<std::string> label;
  std::string class_folder;
};

/// Prints to stdout. To measure, this process becomes the program overtake_lab, which writes OUT/SYSTEM/UTC-lab. Throws
/// UsageError before anything is written.
Status lab(const LabArguments&);

}  // namespace overtake::cli
