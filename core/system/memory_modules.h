// SPDX-License-Identifier: Apache-2.0
// The installed memory modules, from the firmware's SMBIOS tables: host_memory_configuration in system.json.
#pragma once

#include <string>

#include "core/system/fact.h"
#include "core/system/host_files.h"

namespace overtake {

/// "8 x 64 GiB DDR5 at 4800 MT/s"; kinds of module joined by " + ". Needs root on most machines, and real hardware.
/// Source: DMTF DSP0134 (SMBIOS), structure type 17, Memory Device.
Fact<std::string> read_memory_modules(const HostFiles&);

/// "23.5 GiB", "512 KiB": four significant digits.
std::string binary_size_text(double bytes);

}  // namespace overtake
