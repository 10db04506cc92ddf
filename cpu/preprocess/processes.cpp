// SPDX-License-Identifier: Apache-2.0
// Rows shared out to worker processes: as with threads, each gathers statistics of its rows, this process merges them,
// and each worker writes the features of its rows. Table and features lie in memory that all of them map. It shows what
// separate address spaces cost: the start of the workers, and a message to and from each for each reading.
#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "core/pool/packer.h"
#include "core/pool/pool.h"
#include "core/pool/shared_matrix.h"
#include "core/registry/variant.h"
#include "cpu/preprocess/engine/apply.h"
#include "cpu/preprocess/engine/fit.h"
#include "cpu/table/shared_table.h"
#include "cpu/table/shares.h"

namespace overtake {
namespace {

// What a worker needs to know; the pipeline's text follows it.
struct Head {
  SharedTableView table;
  SharedView parameters, seen, features;
  std::uint64_t round;
  RowShare rows;
};

Bytes task_of(const Head& head, const std::string& steps) {
  Bytes bytes = to_bytes(head);
  const Bytes text = to_bytes(steps);
  bytes.insert(bytes.end(), text.begin(), text.end());
  return bytes;
}

// A task in the worker's memory.
struct Work {
  Work(WorkerContext& worker, const Bytes& bytes)
      : head(from_bytes<Head>(std::span(bytes).first(sizeof(Head)))),
        pipeline(Pipeline::parse(from_bytes<std::string>(std::span(bytes).subspan(sizeof(Head))))) {
    const View<std::int32_t> seen = head.seen.map<std::int32_t>(worker);
    table = head.table.map(worker);
    fitted = {head.parameters.map<double>(worker), std::span(seen.data, static_cast<std::size_t>(seen.cols))};
    features = head.features.map<float>(worker);
  }

  Head head;
  Pipeline pipeline;
  TableView<float> table;
  Fitted fitted;
  View<float> features;
};

Bytes packed(const Gathered& found) {
  Packer out;
  out.put(found.columns);
  out.put(found.seen);
  out.put(std::vector<std::uint64_t>{found.bracketed.size(), found.occurring.size()});
  for (const Bracketed& column : found.bracketed) {
    out.put(std::vector{column.counts});
    out.put(column.between);
  }
  for (const Occurrences& column : found.occurring) out.put(column);
  return out.take();
}

Gathered unpacked(const Bytes& bytes) {
  Unpacker in(bytes);
  Gathered out{in.get<Statistics>(), in.get<std::int32_t>()};
  const auto sizes = in.get<std::uint64_t>();
  out.bracketed.resize(sizes.at(0));
  for (Bracketed& column : out.bracketed) {
    column.counts = in.get<BracketCounts>().at(0);
    column.between = in.get<float>();
  }
  out.occurring.resize(sizes.at(1));
  for (Occurrences& column : out.occurring) column = in.get<Occurrences::value_type>();
  return out;
}

Bytes gather_rows(WorkerContext& worker, const Bytes& task) {
  const Work work(worker, task);
  return packed(
      Fit(work.pipeline, work.table, work.fitted).gather(work.head.round, work.head.rows.first, work.head.rows.last));
}

void apply_rows(WorkerContext& worker, const Bytes& task) {
  const Work work(worker, task);
  Apply(work.pipeline, work.table, work.fitted, work.features).rows(work.head.rows.first, work.head.rows.last);
}

const auto kGatherRows = register_task<gather_rows>("preprocess_gather_rows");
const auto kApplyRows = register_task<apply_rows>("preprocess_apply_rows");

template <class T>
class Processes {
 public:
  Processes(const Preprocess::Problem& problem, const Resources& resources)
      : problem_(problem), pool_(resources.workers), shares_(shares_of(problem.rows, resources.workers)) {}

  void load(const TableView<T>& table, const Fitted& given, const Preprocess::Output<T>& output) {
    table_ = table;
    output_fitted_ = output.fitted;
    host_features_ = output.features;
    allocate_fitted(output.fitted);
    if (applies_given()) copy(given, fitted_);
    head_ = {shared_table_.share(pool_, table),
             parameters_.share_output(pool_, fitted_.parameters),
             seen_.share_output(pool_, one_row(fitted_.seen)),
             features_.share_output(pool_, output.features),
             0,
             {0, 0}};
  }

  void run() {
    if (!applies_given()) {
      Fit fit(problem_.pipeline, table_, fitted_);
      fit.start();
      for (head_.round = 0; head_.round < fit.rounds(); ++head_.round) {
        std::vector<Gathered> parts;
        for (const Bytes& bytes : pool_.run(kGatherRows, tasks())) parts.push_back(unpacked(bytes));
        fit.finish(head_.round, parts);
      }
    }
    if (problem_.phase != Preprocess::Phase::fit) pool_.run(kApplyRows, tasks());
  }

  void store() {
    if (!applies_given()) copy(fitted_, output_fitted_);
    features_.store(host_features_);
  }

  void poison() {
    features_.fill(std::numeric_limits<T>::quiet_NaN());
    if (applies_given()) return;
    std::fill_n(fitted_.parameters.data, fitted_.parameters.size(), std::numeric_limits<double>::quiet_NaN());
    std::ranges::fill(fitted_.seen, -1);
  }

  KeyValues metrics() const {
    KeyValues out = pool_.metrics();
    out.set("kernel", table_target());  // the workers' too: the same program on the same CPU
    return out;
  }
  int workers() const { return pool_.workers(); }

 private:
  bool applies_given() const { return problem_.phase == Preprocess::Phase::apply; }

  // Parameters that are given or wanted may lie where no worker sees them: the pool's are in an arena of their own.
  void allocate_fitted(const Fitted& like) {
    if (fitted_.parameters.rows == like.parameters.rows && fitted_.parameters.cols == like.parameters.cols &&
        fitted_.seen.size() == like.seen.size())
      return;
    fitted_.parameters = like.parameters;
    fitted_.parameters.data = arena_.allocate<double>(static_cast<std::size_t>(like.parameters.size())).data();
    fitted_.seen = arena_.allocate<std::int32_t>(like.seen.size());
  }

  static void copy(const Fitted& from, const Fitted& to) {
    std::copy_n(from.parameters.data, from.parameters.size(), to.parameters.data);
    std::ranges::copy(from.seen, to.seen.begin());
  }

  std::vector<Bytes> tasks() {
    std::vector<Bytes> out;
    for (const RowShare& share : shares_) {
      head_.rows = share;
      out.push_back(task_of(head_, problem_.pipeline.to_string()));
    }
    return out;
  }

  Preprocess::Problem problem_;
  Arena arena_;
  Fitted fitted_, output_fitted_;
  Pool pool_;
  std::vector<RowShare> shares_;
  TableView<T> table_;
  View<T> host_features_;
  SharedTable shared_table_;
  SharedMatrix<T> features_;
  SharedMatrix<std::int32_t> seen_;
  SharedMatrix<double> parameters_;
  Head head_{};
};

}  // namespace

OVERTAKE_VARIANT(Preprocess, processes, Strategy::processes, Processes, float);

}  // namespace overtake
