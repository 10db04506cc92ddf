// SPDX-License-Identifier: Apache-2.0
#include "core/system/memory_modules.h"

#include <fmt/format.h>

#include <array>
#include <map>

namespace overtake {
namespace {

std::string_view type_name(unsigned type) {
  switch (type) {  // DSP0134, table "Memory Device: Type"
    case 0x18:
      return "DDR3";
    case 0x1a:
      return "DDR4";
    case 0x1d:
      return "LPDDR3";
    case 0x1e:
      return "LPDDR4";
    case 0x20:
      return "HBM";
    case 0x21:
      return "HBM2";
    case 0x22:
      return "DDR5";
    case 0x23:
      return "LPDDR5";
    case 0x24:
      return "HBM3";
    default:
      return "";
  }
}

// One SMBIOS structure without its strings: fields are little-endian at fixed offsets.
class Structure {
 public:
  explicit Structure(std::string_view bytes) : bytes_(bytes) {}
  unsigned byte(std::size_t at) const { return at < bytes_.size() ? static_cast<unsigned char>(bytes_[at]) : 0; }
  unsigned word(std::size_t at) const { return byte(at) | byte(at + 1) << 8; }
  unsigned dword(std::size_t at) const { return word(at) | word(at + 2) << 16; }

 private:
  std::string_view bytes_;
};

// Empty for a slot without a module.
std::string module_text(const Structure& device) {
  const unsigned size = device.word(0x0c);
  if (size == 0 || size == 0xffff) return "";
  double bytes = (size & 0x7fff) * ((size & 0x8000) ? 1024.0 : 1024.0 * 1024);
  if (size == 0x7fff) bytes = (device.dword(0x1c) & 0x7fffffffu) * 1024.0 * 1024;
  std::string out = binary_size_text(bytes);
  if (const std::string_view type = type_name(device.byte(0x12)); !type.empty()) out += fmt::format(" {}", type);
  const unsigned configured = device.word(0x20), rated = device.word(0x15);
  const unsigned speed = configured != 0 && configured != 0xffff ? configured : rated;
  if (speed != 0 && speed != 0xffff) out += fmt::format(" at {} MT/s", speed);
  return out;
}

}  // namespace

std::string binary_size_text(double bytes) {
  static constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < kUnits.size()) bytes /= 1024, ++unit;
  return fmt::format("{:.4g} {}", bytes, kUnits[unit]);
}

Fact<std::string> read_memory_modules(const HostFiles& files) {
  const std::string path = "/sys/firmware/dmi/tables/DMI";
  if (!files.exists(path))
    return {std::nullopt, path + " does not exist: this firmware or virtual machine has no SMBIOS tables"};
  const auto table = files.text(path);
  if (!table) return {std::nullopt, path + " cannot be read: it needs root"};
  std::map<std::string, int> modules;
  std::string_view rest = *table;
  while (rest.size() >= 4) {
    const unsigned type = static_cast<unsigned char>(rest[0]);
    const std::size_t length = static_cast<unsigned char>(rest[1]);
    if (length < 4 || length > rest.size()) break;
    if (type == 17)
      if (const std::string text = module_text(Structure(rest.substr(0, length))); !text.empty()) ++modules[text];
    // The structure's strings follow, up to two zero bytes.
    const std::size_t end = rest.find(std::string_view("\0\0", 2), length);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 2);
  }
  std::string out;
  for (const auto& [text, count] : modules) out += fmt::format("{}{} x {}", out.empty() ? "" : " + ", count, text);
  if (out.empty()) return {std::nullopt, path + " describes no memory module"};
  return Fact<std::string>::of(std::move(out));
}

}  // namespace overtake
