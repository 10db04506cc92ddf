// SPDX-License-Identifier: Apache-2.0
// Record by record through core/csv: each cell copied out of the text, each number parsed by itself, and the text read
// twice, first for the kinds of columns. It wins nowhere but in clarity; it is what others are checked against.
#include <optional>

#include "core/memory/mapped_file.h"
#include "core/registry/variant.h"
#include "core/workload/read_csv.h"

namespace overtake {
namespace {

template <class T>
class SerialNaive {
 public:
  SerialNaive(const ReadCsv::Problem&, const Resources&) {}

  void load(const ReadCsv::Input<T>& input, ReadCsv::Output<T>& output) {
    input_ = &input;
    output_ = &output;
  }

  void run() {
    const MappedFile file(input_->descriptor, input_->text.size());
    table_ = read_table_as<T>(file.text(), input_->name);
  }

  void store() {
    if (table_) output_->store(*table_);
  }

  void poison() { table_.reset(); }

 private:
  const ReadCsv::Input<T>* input_ = nullptr;
  ReadCsv::Output<T>* output_ = nullptr;
  std::optional<BasicTable<T>> table_;
};

}  // namespace

OVERTAKE_VARIANT(ReadCsv, serial_naive, Strategy::serial, SerialNaive, float, double);

}  // namespace overtake
