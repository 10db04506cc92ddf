// SPDX-License-Identifier: Apache-2.0
// Exact quantiles on the GPU by radix selection: a reading counts the first digits of all keys, which tells in which of
// 2048 parts the value wanted lies; a second and a third count the next digits of those within. No sort, no copy of the
// column. For the fused variants of preprocess and summarize. After Alabi, Blanchard, Gordon and Steinbach, "Fast
// k-selection algorithms for graphics processing units" (2012), radixSelect.
#pragma once

#include <cstdint>

#include "core/workload/statistics.h"
#include "gpu/table/moments.cuh"

namespace overtake {

/// Where the search for one quantile of one column stands.
struct Search {
  unsigned long long rank;  // of the value wanted, among those with this prefix
  std::uint32_t prefix;     // of its key: the digits that are known
  bool none;                // the column has no value
  bool next_wanted;         // the value of the next rank is wanted too
  std::uint32_t key, next;  // when all digits are known
  double part;              // how far from the value to the next
};

/// Quantiles that are looked for in each column.
template <int kCount>
struct Quantiles {
  double q[kCount];
};

/// What else a reading that counts digits finds out: here nothing.
struct NothingAlso {
  static constexpr std::size_t kSharedBytes = 0;
  struct Mine {};
  template <class Block>
  OVERTAKE_DEVICE void begin(const Block&, std::int64_t, unsigned char*, Mine&) const {}
  OVERTAKE_DEVICE void add(float, Mine&) const {}
  template <class Block>
  OVERTAKE_DEVICE void finish(const Block&, std::int64_t, unsigned char*, const Mine&) const {}
};

/// Reading `pass`, 1 or 2: counts the digits of the keys that have a search's prefix. digits: kTargets x kDigits places
/// a column; above: kTargets places a column, lowered by the last reading to the least key beyond the
/// prefix.
template <class Before, int kTargets, class Also>
struct CountDigits {
  static constexpr int kThreads = Chunks::kThreads;
  static constexpr std::size_t kBinBytes = sizeof(unsigned) * kTargets * Keys::kDigits;
  static constexpr std::size_t kSharedBytes = kBinBytes + Also::kSharedBytes;

  DeviceColumns table;
  Chunks chunks;
  Before before;
  const Search* searches;
  unsigned long long* digits;
  unsigned* above;
  int pass;
  Also also;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char* shared) const {
    const std::int64_t column = chunks.column(block.index());
    auto* bins = reinterpret_cast<unsigned*>(shared);
    typename Also::Mine mine;
    also.begin(block, column, shared + kBinBytes, mine);
    Keys::clear<kThreads>(block, bins, kTargets * Keys::kDigits);
    std::uint32_t prefix[kTargets], least[kTargets];
    OVERTAKE_UNROLL
    for (int t = 0; t < kTargets; ++t) {
      prefix[t] = searches[column * kTargets + t].prefix;
      least[t] = ~std::uint32_t{0};
    }
    for_each_tile(block, chunks, table.column(column),
                  [&](float(&values)[Chunks::kValues], std::int64_t tile, bool whole) {
                    before(column, values);
                    if (!whole) leave_out_behind(chunks, block, tile, values);
                    OVERTAKE_UNROLL
                    for (int i = 0; i < Chunks::kValues; ++i) {
                      if (values[i] != values[i]) continue;
                      also.add(values[i], mine);
                      const std::uint32_t key = Keys::of(values[i]), high = Keys::prefix(key, pass);
                      OVERTAKE_UNROLL
                      for (int t = 0; t < kTargets; ++t) {
                        if (high == prefix[t]) block.add_to(&bins[t * Keys::kDigits + Keys::digit(key, pass)], 1);
                        if (pass + 1 == Keys::kPasses && high > prefix[t] && key < least[t]) least[t] = key;
                      }
                    }
                  });
    OVERTAKE_UNROLL
    for (int t = 0; t < kTargets; ++t) {
      const std::int64_t target = column * kTargets + t;
      // Most threads find nothing lower than what others wrote.
      if (least[t] < above[target]) block.lower_to(&above[target], least[t]);
      Keys::add_bins<kThreads>(block, bins + std::int64_t{t} * Keys::kDigits, digits + target * Keys::kDigits);
    }
    also.finish(block, column, shared + kBinBytes, mine);
  }
};

/// After each reading, one block for each quantile of each column: the next digit of its key. Leaves the counts 0 for
/// the next reading.
template <int kTargets>
struct FindDigit {
  static constexpr int kThreads = 128;
  static constexpr int kEach = Keys::kDigits / kThreads;
  static constexpr std::size_t kSharedBytes = (Keys::kDigits + kThreads) * sizeof(unsigned long long);

  const Statistics* columns;
  Quantiles<kTargets> quantiles;
  Search* searches;
  unsigned long long* digits;  // of pass 0: kDigits places a column
  const unsigned* above;
  int pass;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char* shared) const {
    const std::int64_t target = block.index(), column = target / kTargets;
    auto* counts = reinterpret_cast<unsigned long long*>(shared);
    unsigned long long* sums = counts + Keys::kDigits;
    unsigned long long* from = digits + (pass == 0 ? column : target) * Keys::kDigits;
    for (int i = block.thread(); i < Keys::kDigits; i += kThreads) counts[i] = from[i];
    block.sync();
    unsigned long long sum = 0;
    for (int i = 0; i < kEach; ++i) sum += counts[block.thread() * kEach + i];
    sums[block.thread()] = sum;
    block.sync();
    // The first pass's counts are those of all the column's quantiles, and no later pass uses them.
    for (int i = block.thread(); pass != 0 && i < Keys::kDigits; i += kThreads) from[i] = 0;
    if (block.thread() == 0) advance(searches[target], target, counts, sums);
  }

 private:
  OVERTAKE_DEVICE void advance(Search& s, std::int64_t target, const unsigned long long* counts,
                               const unsigned long long* sums) const {
    const std::int64_t count = columns[target / kTargets].count;
    if (pass == 0) s = started(count, quantiles.q[target % kTargets]);
    if (s.none) return;
    int group = 0;
    while (group + 1 < kThreads && s.rank >= sums[group]) s.rank -= sums[group++];
    int digit = group * kEach;
    while (digit + 1 < (group + 1) * kEach && s.rank >= counts[digit]) s.rank -= counts[digit++];
    if (pass + 1 < Keys::kPasses) {
      s.prefix = s.prefix << Keys::bits(pass) | static_cast<std::uint32_t>(digit);
      return;
    }
    s.key = s.prefix << Keys::bits(pass) | static_cast<std::uint32_t>(digit);
    s.next = s.key;
    if (!s.next_wanted || s.rank + 1 < counts[digit]) return;
    int after = digit + 1;
    while (after < Keys::kDigits && counts[after] == 0) ++after;
    s.next = after < Keys::kDigits ? s.prefix << Keys::bits(pass) | static_cast<std::uint32_t>(after) : above[target];
  }

 public:
  /// Of `count` values. Quantile q lies at place q (count - 1), between two ranks (numpy's "linear").
  OVERTAKE_HOST_DEVICE static Search started(std::int64_t count, double q) {
    Search s{};
    s.none = count == 0;
    if (s.none) return s;
    const double place = q * static_cast<double>(count - 1);
    s.rank = static_cast<unsigned long long>(place);
    s.part = place - static_cast<double>(s.rank);
    s.next_wanted = s.part != 0;
    return s;
  }
};

/// What a search found: between two values linearly, the value itself where both are equal (or infinite).
OVERTAKE_HOST_DEVICE inline double quantile_of(const Search& s) {
  if (s.none) return Statistics::kNaN;
  const double from = static_cast<double>(Keys::value(s.key)), to = static_cast<double>(Keys::value(s.next));
  return s.part == 0 || from == to ? from : from * (1 - s.part) + to * s.part;
}

}  // namespace overtake
