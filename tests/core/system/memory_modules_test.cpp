// SPDX-License-Identifier: Apache-2.0
#include "core/system/memory_modules.h"

#include <gtest/gtest.h>

#include "tests/core/system/fake_host.h"

namespace overtake {
namespace {

// A Memory Device (type 17) of SMBIOS 3 with two strings after it.
std::string memory_device(unsigned size_mib, unsigned type, unsigned speed) {
  std::string out(0x28, '\0');
  const auto put = [&](std::size_t at, unsigned value, int bytes) {
    for (int i = 0; i < bytes; ++i) out[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (8 * i) & 255);
  };
  put(0, 17, 1);
  put(1, 0x28, 1);
  put(0x0c, size_mib < 0x7fff ? size_mib : 0x7fff, 2);
  put(0x1c, size_mib < 0x7fff ? 0 : size_mib, 4);
  put(0x12, type, 1);
  put(0x15, 6400, 2);
  put(0x20, speed, 2);
  return out + std::string("DIMM A\0bank 0\0\0", 15);
}

constexpr char kPath[] = "/sys/firmware/dmi/tables/DMI";

TEST(MemoryModules, AreCountedByKind) {
  const std::string bios = std::string("\x00\x06\x00\x00\x01\x02", 6) + std::string("maker\0\0", 7);
  const std::string end = std::string("\x7f\x04\x00\x00\0\0", 6);
  test::FakeHost host;
  host.file(kPath, bios + memory_device(65536, 0x22, 4800) + memory_device(65536, 0x22, 4800) +
                       memory_device(0, 0x22, 0) + memory_device(16384, 0x1a, 0) + end);
  EXPECT_EQ(read_memory_modules(host.files()).value, "1 x 16 GiB DDR4 at 6400 MT/s + 2 x 64 GiB DDR5 at 4800 MT/s");
}

TEST(MemoryModules, AreMissingWithTheReason) {
  test::FakeHost host;
  EXPECT_NE(read_memory_modules(host.files()).reason.find("does not exist"), std::string::npos);
  const std::string whole = memory_device(8192, 0x1a, 3200);
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    host.file(kPath, whole.substr(0, bytes));  // cut anywhere: no crash, and a reason where nothing was read
    const auto cut = read_memory_modules(host.files());
    EXPECT_EQ(cut.value.has_value(), cut.reason.empty()) << bytes;
  }
}

TEST(BinarySize, HasFourDigitsAtMost) {
  EXPECT_EQ(binary_size_text(512), "512 B");
  EXPECT_EQ(binary_size_text(32 << 10), "32 KiB");
  EXPECT_EQ(binary_size_text(24684096.0 * 1024), "23.54 GiB");
  EXPECT_EQ(binary_size_text(1024.0 * 1024 * 1024 * 1024), "1 TiB");
}

}  // namespace
}  // namespace overtake
