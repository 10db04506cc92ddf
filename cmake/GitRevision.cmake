# SPDX-License-Identifier: Apache-2.0
# Run at every build (cmake -DSOURCE=... -DOUTPUT=... -P): writes the revision that results name, where it changed.
execute_process(COMMAND git describe --always --dirty --abbrev=12 WORKING_DIRECTORY ${SOURCE}
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[// Written by cmake/GitRevision.cmake.
#pragma once
namespace overtake {
inline constexpr char kGitRevision[] = "@revision@";
}  // namespace overtake
]] @ONLY)
