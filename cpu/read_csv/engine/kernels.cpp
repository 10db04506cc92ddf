// SPDX-License-Identifier: Apache-2.0
#include "cpu/read_csv/engine/kernels.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/read_csv/engine/kernels.cpp"
#include "hwy/foreach_target.h"
// foreach_target.h has to come first
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace overtake::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

// A bit for each of 64 bytes.
struct Bytes64 {
  std::uint64_t quote, comma, line, carriage_return, nul;
};

// The bits of a mask as a number. Read as the word that was stored: a wider one would wait for the store.
template <class D, class M>
HWY_INLINE std::uint64_t bits_of(D d, M mask) {
  constexpr std::size_t kBytes = hn::MaxLanes(D()) / 8;
  using Word =
      std::conditional_t<kBytes == 8, std::uint64_t, std::conditional_t<kBytes == 4, std::uint32_t, std::uint16_t>>;
  std::uint8_t bytes[16];
  hn::StoreMaskBits(d, mask, bytes);
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

HWY_INLINE Bytes64 classify(const char* text) {
  const hn::CappedTag<std::uint8_t, 64> d;
  const auto quote = hn::Set(d, '"'), comma = hn::Set(d, ','), line = hn::Set(d, '\n'), cr = hn::Set(d, '\r');
  Bytes64 out{};
  for (std::size_t i = 0; i < 64; i += hn::MaxLanes(d)) {
    const auto v = hn::LoadU(d, reinterpret_cast<const std::uint8_t*>(text) + i);
    out.quote |= bits_of(d, hn::Eq(v, quote)) << i;
    out.comma |= bits_of(d, hn::Eq(v, comma)) << i;
    out.line |= bits_of(d, hn::Eq(v, line)) << i;
    out.carriage_return |= bits_of(d, hn::Eq(v, cr)) << i;
    out.nul |= bits_of(d, hn::Eq(v, hn::Zero(d))) << i;
  }
  return out;
}

// Bit i of the result: the parity of bits 0 to i.
HWY_INLINE std::uint64_t prefix_parity(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

HWY_INLINE std::uint32_t* append_places(std::uint64_t bits, std::uint32_t at, std::uint32_t* ends) {
  std::uint32_t* const next = ends + std::popcount(bits);
  // Eight at a time, some of them too many: cheaper than a branch that no predictor knows.
  while (bits != 0) {
    for (int k = 0; k < 8; ++k) {
      *ends++ = at + static_cast<std::uint32_t>(std::countr_zero(bits));
      bits &= bits - 1;
    }
  }
  return next;
}

struct ScanState {
  bool quoted, behind_delimiter, behind_line;
  bool behind_quote = false, irregular = false, blank_lines = false;
  std::size_t lines = 0;
};

// Bits of the cells' ends; `after`: the byte behind these 64, '\n' standing for the end of the text.
HWY_INLINE std::uint64_t ends_of(const Bytes64& at, std::uint64_t valid, char after, ScanState& state) {
  const std::uint64_t quotes = at.quote & valid, delimiters = at.comma | at.line;
  const std::uint64_t inside = (quotes == 0 ? 0 : prefix_parity(quotes)) ^ (state.quoted ? ~std::uint64_t{0} : 0);
  constexpr std::uint64_t kLast = std::uint64_t{1} << 63;
  if ((quotes | at.carriage_return | at.nul) != 0) {
    const std::uint64_t opening = quotes & inside, closing = quotes & ~inside;
    const std::uint64_t before = (delimiters | at.quote) << 1 | (state.behind_delimiter || state.behind_quote ? 1 : 0);
    const bool ends_after = after == ',' || after == '\n' || after == '\r' || after == '"';
    const std::uint64_t behind = (delimiters | at.carriage_return | at.quote) >> 1 | (ends_after ? kLast : 0);
    const std::uint64_t lone = at.carriage_return & valid & ~inside & ~(at.line >> 1 | (after == '\n' ? kLast : 0));
    state.irregular |= ((opening & ~before) | (closing & ~behind) | lone | (at.nul & valid)) != 0;
  }
  const std::uint64_t ends = delimiters & ~inside & valid;
  state.lines += static_cast<std::size_t>(std::popcount(ends & at.line));
  // Within quotes too: whoever looks closer decides.
  state.blank_lines |= ((at.line | at.carriage_return) & valid & (at.line << 1 | (state.behind_line ? 1 : 0))) != 0;
  state.quoted = (inside & kLast) != 0;
  state.behind_line = (at.line & kLast) != 0;
  state.behind_delimiter = (delimiters & kLast) != 0;
  state.behind_quote = (at.quote & kLast) != 0;
  return ends;
}

Scanned scan(const char* text, std::size_t size, std::size_t begin, std::size_t end, bool quoted, std::uint32_t* ends) {
  const char before = begin == 0 ? '\n' : text[begin - 1];
  ScanState state{.quoted = quoted, .behind_delimiter = before == ',' || before == '\n', .behind_line = before == '\n'};
  std::uint32_t* next = ends;
  std::size_t i = begin;
  for (; i + 64 <= end && i + 64 < size; i += 64)
    next = append_places(ends_of(classify(text + i), ~std::uint64_t{0}, text[i + 64], state),
                         static_cast<std::uint32_t>(i - begin), next);
  for (; i < end; i += 64) {
    // Beyond the text there are line feeds: they end what ends with it.
    std::array<char, 65> rest;
    rest.fill('\n');
    std::memcpy(rest.data(), text + i, std::min<std::size_t>(65, size - i));
    const std::uint64_t valid = end - i >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (end - i)) - 1;
    next = append_places(ends_of(classify(rest.data()), valid, rest[64], state), static_cast<std::uint32_t>(i - begin),
                         next);
  }
  return {static_cast<std::size_t>(next - ends), state.lines, state.blank_lines, state.quoted, state.irregular};
}

// The bytes of a cell of up to 16, moved to the end of a vector: mask[length] has ones where they are.
struct Tables {
  alignas(16) std::array<std::uint8_t, 32> mask;
  alignas(16) std::array<std::array<std::uint8_t, 16>, 17> without;  // [i]: drops byte i; [16]: drops none
};
constexpr Tables make_tables() {
  Tables t{};
  for (std::size_t i = 16; i < 32; ++i) t.mask[i] = 0xff;
  for (std::size_t drop = 0; drop < 17; ++drop)
    for (std::size_t k = 0; k < 16; ++k)
      t.without[drop][k] = static_cast<std::uint8_t>(drop == 16 || k > drop ? k : k == 0 ? 0x80 : k - 1);
  return t;
}
constexpr Tables kTables = make_tables();
constexpr std::array<double, 17> kPowers = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                            1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};

// Eight digits, the first in the lowest byte.
HWY_INLINE std::uint64_t eight_digits(std::uint64_t v) {
  v = v * 10 + (v >> 8);
  return ((v & 0x000000FF000000FF) * 0x000F424000000064 + (v >> 16 & 0x000000FF000000FF) * 0x0000271000000001) >> 32;
}

// Of T, from a double that is correctly rounded: false where rounding twice may differ from rounding once, which is
// where the double lies halfway between two floats.
HWY_INLINE bool round_to(double value, double& out) {
  out = value;
  return true;
}
HWY_INLINE bool round_to(double value, float& out) {
  out = static_cast<float>(value);
  return (std::bit_cast<std::uint64_t>(value) & 0x1fffffff) != 0x10000000;
}

template <class T>
HWY_INLINE bool parse_number(const char* first, const char* last, const char* text, T& out) {
  if (first == last) {
    out = std::numeric_limits<T>::quiet_NaN();
    return true;
  }
  const bool negative = *first == '-';
  const std::size_t length = static_cast<std::size_t>(last - first) - (negative ? 1 : 0);
  if (length == 0 || length > 16 || last - text < 16) return false;
  const hn::FixedTag<std::uint8_t, 16> d;
  const auto all = hn::Sub(hn::LoadU(d, reinterpret_cast<const std::uint8_t*>(last) - 16), hn::Set(d, '0'));
  const auto bytes = hn::And(all, hn::LoadU(d, kTables.mask.data() + length));
  const auto points = hn::Eq(bytes, hn::Set(d, static_cast<std::uint8_t>('.' - '0')));
  const std::intptr_t point = hn::FindFirstTrue(d, points);
  std::size_t decimals = 0, drop = 16;
  if (point >= 0) {
    drop = static_cast<std::size_t>(point);
    decimals = 15 - drop;
    // Nothing in front of the point or behind it: for the exact parser to decide.
    if (decimals == 0 || decimals == length - 1) return false;
  }
  const auto digits = hn::TableLookupBytesOr0(bytes, hn::Load(d, kTables.without[drop].data()));
  if (!hn::AllTrue(d, hn::Eq(hn::Min(digits, hn::Set(d, 9)), digits))) return false;
  alignas(16) std::uint64_t halves[2];
  hn::Store(digits, d, reinterpret_cast<std::uint8_t*>(halves));
  const std::uint64_t w = eight_digits(halves[0]) * 100000000 + eight_digits(halves[1]);
  if (w > std::uint64_t{1} << 53) return false;
  const double value = static_cast<double>(w) / kPowers[decimals];
  return round_to(negative ? -value : value, out);
}

#else  // without vectors, the exact loops do everything

Scanned scan(const char*, std::size_t, std::size_t, std::size_t, bool, std::uint32_t*) { return {.irregular = true}; }

template <class T>
HWY_INLINE bool parse_number(const char* first, const char* last, const char*, T& out) {
  out = std::numeric_limits<T>::quiet_NaN();
  return first == last;
}

#endif

template <class T>
HWY_INLINE std::size_t numbers(const Cells& cells, std::size_t column, std::size_t first, std::size_t last, T* out) {
  const char* text = cells.text.data();
  const bool plain = !(column == 0 && cells.blank_lines) && column + 1 != cells.columns;
  if (!plain) {
    for (std::size_t row = first; row < last; ++row) {
      const std::string_view cell = cells.cell(row, column);
      if (!parse_number(cell.data(), cell.data() + cell.size(), text, out[row])) return row;
    }
    return last;
  }
  const char* base = text + cells.base;
  const std::uint32_t* end = cells.ends + first * cells.columns + column;
  for (std::size_t row = first; row < last; ++row, end += cells.columns)
    if (!parse_number(base + static_cast<std::uint32_t>(end[-1] + 1), base + *end, text, out[row])) return row;
  return last;
}

std::size_t numbers_f32(const Cells& cells, std::size_t column, std::size_t first, std::size_t last, float* out) {
  return numbers(cells, column, first, last, out);
}
std::size_t numbers_f64(const Cells& cells, std::size_t column, std::size_t first, std::size_t last, double* out) {
  return numbers(cells, column, first, last, out);
}

const char* target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace
}  // namespace overtake::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace overtake {

HWY_EXPORT(scan);
HWY_EXPORT(numbers_f32);
HWY_EXPORT(numbers_f64);
HWY_EXPORT(target);

Scanned scan_cells(std::string_view text, std::size_t begin, std::size_t end, bool quoted, std::uint32_t* ends) {
  return HWY_DYNAMIC_DISPATCH(scan)(text.data(), text.size(), begin, end, quoted, ends);
}

Scanned scan_cells_exactly(std::string_view text, std::size_t begin, std::size_t end, bool quoted,
                           std::uint32_t* ends) {
  Scanned out{.blank_lines = true, .quoted = quoted};
  const auto at = [&](std::size_t i) { return i < text.size() ? text[i] : '\n'; };
  bool starts = begin == 0 || text[begin - 1] == ',' || text[begin - 1] == '\n';
  for (std::size_t i = begin; i < end; ++i) {
    const char c = text[i];
    const bool cell_starts = std::exchange(starts, false);
    if (c == '\0') {
      out.irregular = true;
    } else if (out.quoted) {
      if (c != '"') continue;
      if (i + 1 < end && text[i + 1] == '"') {
        ++i;
        continue;
      }
      out.quoted = false;
      const char behind = at(i + 1);
      out.irregular |= behind != ',' && behind != '\n' && behind != '\r';
    } else if (c == '"' && cell_starts) {
      out.quoted = true;
    } else if (c == ',' || c == '\n') {
      ends[out.ends++] = static_cast<std::uint32_t>(i - begin);
      out.lines += c == '\n' ? 1 : 0;
      starts = true;
    } else if (c == '\r') {
      out.irregular |= at(i + 1) != '\n';
    }
  }
  return out;
}

std::size_t parse_numbers(const Cells& cells, std::size_t column, std::size_t first, std::size_t last, float* out) {
  return HWY_DYNAMIC_DISPATCH(numbers_f32)(cells, column, first, last, out);
}
std::size_t parse_numbers(const Cells& cells, std::size_t column, std::size_t first, std::size_t last, double* out) {
  return HWY_DYNAMIC_DISPATCH(numbers_f64)(cells, column, first, last, out);
}

const char* read_csv_target() { return HWY_DYNAMIC_DISPATCH(target)(); }

}  // namespace overtake
#endif  // HWY_ONCE
