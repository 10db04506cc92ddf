// SPDX-License-Identifier: Apache-2.0
// What the fast variants of read_csv have in common: the file mapped anew, read by a team of workers, and the table
// kept until it is stored or poisoned.
#pragma once

#include <optional>

#include "core/memory/mapped_file.h"
#include "core/registry/variant.h"
#include "core/workload/read_csv.h"
#include "cpu/read_csv/engine/kernels.h"
#include "cpu/read_csv/engine/read.h"

namespace overtake {

template <class T>
class CsvVariant {
 public:
  CsvVariant(int workers, Team team) : workers_(workers), team_(std::move(team)) {}

  void load(const ReadCsv::Input<T>& input, ReadCsv::Output<T>& output) {
    input_ = &input;
    output_ = &output;
  }

  void run() {
    table_.reset();  // its memory before that of the next
    const MappedFile file(input_->descriptor, input_->text.size());
    table_ = read_csv<T>(file.text(), input_->name, workers_, team_);
  }

  void store() {
    if (table_) output_->store(*table_);
  }

  void poison() { table_.reset(); }
  KeyValues metrics() const { return {{"kernel", read_csv_target()}}; }
  int workers() const { return workers_; }

 private:
  int workers_;
  Team team_;
  const ReadCsv::Input<T>* input_ = nullptr;
  ReadCsv::Output<T>* output_ = nullptr;
  std::optional<BasicTable<T>> table_;
};

}  // namespace overtake
