// SPDX-License-Identifier: Apache-2.0
// One core: the text mapped, cells found 64 bytes at a time, and numbers parsed 16 bytes at a time, column by column
// while a piece of rows is in the first-level cache. It wins over record by record because nothing is copied and hardly
// anything is branched on; it reads the text once, and only columns twice that turn out not to be numbers late.
#include "cpu/read_csv/engine/variant.h"

namespace overtake {
namespace {

template <class T>
struct Serial : CsvVariant<T> {
  Serial(const ReadCsv::Problem&, const Resources&) : CsvVariant<T>(1, team_of_one()) {}
};

}  // namespace

OVERTAKE_VARIANT(ReadCsv, serial, Strategy::serial, Serial, float, double);

}  // namespace overtake
