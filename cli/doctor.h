// SPDX-License-Identifier: Apache-2.0
// `overtake doctor`: what can run on this machine, what cannot and what to install, and what would distort results.
#pragma once

#include "core/error.h"

namespace overtake::cli {

Status doctor();
/// Plants every fault in small problems and in the largest of the default suite, and shows that the checkers catch
/// each.
Status selftest();

}  // namespace overtake::cli
