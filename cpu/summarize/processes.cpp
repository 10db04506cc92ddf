// SPDX-License-Identifier: Apache-2.0
// Rows shared out to worker processes: as with threads, each gathers what its rows show, and this process makes figures
// of it. The table lies in memory that all of them map. It shows what separate address spaces cost: the start of the
// workers, and a message to and from each for each reading, which for quartiles holds an eighth of the table. The
// ceiling is that of the threads.
#include <vector>

#include "core/pool/packer.h"
#include "core/pool/pool.h"
#include "core/pool/shared_matrix.h"
#include "core/registry/variant.h"
#include "cpu/summarize/engine/summarizer.h"
#include "cpu/table/kernels.h"
#include "cpu/table/shared_table.h"

namespace overtake {
namespace {

// A share of a reading.
struct Work {
  SharedTableView table;
  SharedView columns;  // figures, of which a second reading takes the extremes
  TableShape shape;
  Summarize::Part part;
  std::int32_t workers;
  std::uint64_t reading, share;
};

Bytes packed(const Found& found) {
  Packer out;
  out.put(found.columns);
  out.put(found.at_least);
  out.put(found.products);
  out.put(std::vector<std::uint64_t>{found.bracketed.size(), found.groups.size()});
  for (const Bracketed& column : found.bracketed) {
    out.put(std::vector{column.counts});
    out.put(column.between);
  }
  for (const Groups& column : found.groups) {
    out.put(column.rows);
    out.put(column.sums);
    out.put(column.counts);
  }
  return out.take();
}

Found unpacked(const Bytes& bytes) {
  Unpacker in(bytes);
  Found out;
  out.columns = in.get<Statistics>();
  out.at_least = in.get<std::int64_t>();
  out.products = in.get<Products>();
  const auto sizes = in.get<std::uint64_t>();
  out.bracketed.resize(sizes.at(0));
  for (Bracketed& column : out.bracketed) {
    column.counts = in.get<BracketCounts>().at(0);
    column.between = in.get<float>();
  }
  out.groups.resize(sizes.at(1));
  for (Groups& column : out.groups) {
    column.rows = in.get<std::int64_t>();
    column.sums = in.get<double>();
    column.counts = in.get<double>();
  }
  return out;
}

Summarize::Problem problem_of(const Work& work) {
  Summarize::Problem problem{work.shape};
  problem.part = work.part;
  return problem;
}

Bytes gather_rows(WorkerContext& worker, const Work& work) {
  const View<Summarize::Figures> columns = work.columns.map<Summarize::Figures>(worker);
  const Summarize::Answer answer{.columns = {columns.data, static_cast<std::size_t>(columns.cols)}};
  Summarizer summarizer(problem_of(work), work.table.map(worker), answer, shares_of(work.shape.rows, work.workers));
  summarizer.prepare(work.reading, Summarizer::one_by_one);
  return packed(summarizer.gather(work.reading, work.share));
}

const auto kGatherRows = register_task<gather_rows>("summarize_gather_rows");

template <class T>
class Processes {
 public:
  Processes(const Summarize::Problem& problem, const Resources& resources)
      : problem_(problem), pool_(resources.workers) {}

  void load(const TableView<T>& table, const Summarize::Answer& answer) {
    table_ = table;
    answer_ = answer;
    const TableShape& shape = problem_;
    work_ = {shared_table_.share(pool_, table), {}, shape, problem_.part, pool_.workers(), 0, 0};
  }

  void run() {
    Summarizer summarizer(problem_, table_, answer_, shares_of(problem_.rows, pool_.workers()));
    for (work_.reading = 0; work_.reading < summarizer.readings(); ++work_.reading) {
      work_.columns = columns_.share(pool_, one_row(answer_.columns));
      summarizer.prepare(work_.reading, Summarizer::one_by_one);
      std::vector<Work> tasks;
      for (work_.share = 0; work_.share < summarizer.shares(); ++work_.share) tasks.push_back(work_);
      std::vector<Found> parts;
      for (const Bytes& bytes : pool_.run(kGatherRows, tasks)) parts.push_back(unpacked(bytes));
      summarizer.finish(work_.reading, parts, Summarizer::one_by_one);
    }
  }

  void store() {}

  KeyValues metrics() const {
    KeyValues out = pool_.metrics();
    out.set("kernel", table_target());  // the workers' too: the same program on the same CPU
    return out;
  }
  int workers() const { return pool_.workers(); }

 private:
  Summarize::Problem problem_;
  Pool pool_;
  TableView<T> table_;
  Summarize::Answer answer_;
  SharedTable shared_table_;
  SharedMatrix<Summarize::Figures> columns_;
  Work work_{};
};

}  // namespace

OVERTAKE_VARIANT(Summarize, processes, Strategy::processes, Processes, float);

}  // namespace overtake
