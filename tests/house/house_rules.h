// SPDX-License-Identifier: Apache-2.0
// The rules that every file of the project keeps, as a checker: who may include whom, what CUDA sources may see, and
// how a file begins. Used by its own tests, which run it on the project and on planted violations.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace overtake::house {

/// Text of each file by its path from the root ("core/cell.h").
using Files = std::map<std::string, std::string>;

/// One sentence a violation, "path:line: what is wrong and what to do".
using Violations = std::vector<std::string>;

/// The project's own files below `root`: the rooms, tests, cmake/, scripts/, .ci/ and the CMakeLists.txt on top.
/// Throws std::filesystem::filesystem_error where a folder cannot be read.
Files read_files(const std::filesystem::path& root);

/// Rooms that a room may not include, and includes that are not written from the root.
Violations check_rooms(const Files& files);

/// fmt, Highway, CLI11 or JSON in what a .cu or .cuh file includes, directly or through headers of ours: fmt 9 does not
/// compile under nvcc as C++20, and the others slow it down.
Violations check_cuda_includes(const Files& files);

/// The licence first (after a shebang), at most 400 lines, #pragma once in headers.
Violations check_form(const Files& files);

}  // namespace overtake::house
