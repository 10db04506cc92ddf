// SPDX-License-Identifier: Apache-2.0
// One core, each column read once for moments and extremes in vectors, and once more for the rest: exact quartiles by
// counting around a sampled bracket, bins by comparison, sums of products of eight columns in registers, sums of groups
// a row at a time. Its ceiling is memory: 4 bytes a value over the read bandwidth for moments, correlations or groups
// (and 4 a code), 8 for describe and for all of it. It should win over a pass a figure by reading less, and over a
// sort.
#include "core/registry/variant.h"
#include "cpu/summarize/engine/summarizer.h"
#include "cpu/table/kernels.h"

namespace overtake {
namespace {

template <class T>
class Serial {
 public:
  Serial(const Summarize::Problem& problem, const Resources&) : problem_(problem) {}

  void load(const TableView<T>& table, const Summarize::Answer& answer) {
    table_ = table;
    answer_ = answer;
  }

  void run() { Summarizer(problem_, table_, answer_, shares_of(problem_.rows, 1)).run(Summarizer::one_by_one); }

  void store() {}

  KeyValues metrics() const { return {{"kernel", table_target()}}; }
  int workers() const { return 1; }

 private:
  Summarize::Problem problem_;
  TableView<T> table_;
  Summarize::Answer answer_;
};

}  // namespace

OVERTAKE_VARIANT(Summarize, serial, Strategy::serial, Serial, float);

}  // namespace overtake
