// SPDX-License-Identifier: Apache-2.0
#include "compare/measured.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <limits>
#include <set>
#include <unordered_map>

#include "compare/text.h"
#include "core/csv/number.h"

namespace overtake::compare {
namespace {

constexpr std::string_view kCeiling = "ceiling", kFma = "fma", kLevel = "level";

// Behind each part of a key: no field of a run can hold it.
constexpr char kEnd = '\0';

std::string sorted_text(const KeyValues& values) {
  using Entry = std::pair<std::string_view, std::string_view>;
  std::vector<Entry> entries(values.begin(), values.end());
  std::sort(entries.begin(), entries.end());
  std::string out;
  for (const auto& [key, value] : entries) {
    out += key;
    out += '=';
    out += value;
    out += ';';
  }
  return out;
}

// Text that stands in the order of the number that `value` is, where it is one.
std::string padded_number(const std::string& value) {
  constexpr std::size_t kDigits = 14;  // before the point, of 24 characters
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!value.empty() && value.size() <= kDigits && std::ranges::all_of(value, is_digit))
    return std::string(kDigits - value.size(), '0') + value + ".000000000";
  const auto number = parse_double(value);
  return number && *number >= 0 ? fmt::format("{:024.9f}", *number) : value;
}

// As sorted_text, but numbers stand in the order of their value: calls=2 before calls=10.
std::string ordered_text(const KeyValues& values) {
  KeyValues padded;
  for (const auto& [key, value] : values) padded.set(key, padded_number(value));
  return sorted_text(padded);
}

// Which of two statuses describes a cell that has both.
int weight(RowStatus status) {
  static constexpr std::array<RowStatus, 5> kOrder = {RowStatus::skipped, RowStatus::ok, RowStatus::implausible,
                                                      RowStatus::failed, RowStatus::wrong};
  return static_cast<int>(std::find(kOrder.begin(), kOrder.end(), status) - kOrder.begin());
}

bool is_check(const std::string& method) { return !method.empty() && method != "unchecked"; }

constexpr std::size_t kUsualSamples = 5;  // of a cell in a process

// Gathers the rows of one cell.
class Gatherer {
 public:
  explicit Gatherer(const Row& row) {
    out_.cell = row.cell();
    out_.strategy = row.strategy;
    out_.library = row.library;
    out_.status = row.status;
    out_.reason = row.status_reason;
    out_.verified = true;
    out_.check_method = row.check_method;
  }

  // As its first row wrote it.
  const Cell& cell() const { return out_.cell; }

  void add(const Row& row) {
    if (weight(row.status) > weight(out_.status)) {
      out_.status = row.status;
      out_.reason = row.status == RowStatus::ok ? "" : row.status_reason;
    } else if (row.status == out_.status && out_.reason.empty()) {
      out_.reason = row.status_reason;
    }
    if (row.status == RowStatus::ok && row.seconds) add_sample(row);
  }

  Measured take() {
    if (!out_.is_ok()) out_.seconds.clear();
    if (!out_.is_ok() || misses_cpu_seconds_) out_.cpu_seconds.clear();
    if (!fractions_.empty()) out_.ceiling_fraction = median(fractions_);
    return std::move(out_);
  }

 private:
  void add_sample(const Row& row) {
    const bool continues = !out_.seconds.empty() && row.process == last_process_ &&
                           (!row.sample || !last_sample_ || *row.sample > *last_sample_);
    if (!continues) {
      out_.seconds.emplace_back().reserve(kUsualSamples);
      out_.cpu_seconds.emplace_back().reserve(kUsualSamples);
    }
    out_.seconds.back().push_back(*row.seconds);
    if (row.cpu_seconds)
      out_.cpu_seconds.back().push_back(*row.cpu_seconds);
    else
      misses_cpu_seconds_ = true;
    last_process_ = row.process;
    last_sample_ = row.sample;
    if (!is_check(row.check_method)) out_.verified = false;
    if (out_.verified || !is_check(row.check_method)) out_.check_method = row.check_method;
    out_.strategy = row.strategy;
    out_.library = row.library;
    out_.workers = row.workers;
    out_.flops = row.flops;
    out_.bytes = row.bytes;
    out_.bound = row.bound;
    if (row.ceiling_fraction) fractions_.push_back(*row.ceiling_fraction);
  }

  bool misses_cpu_seconds_ = false;
  Measured out_;
  std::vector<double> fractions_;
  std::optional<std::int64_t> last_process_, last_sample_;
};

bool is_of(const Row& row, const Cell& cell) {
  return row.variant == cell.variant && row.shape == cell.shape && row.params == cell.params &&
         row.workers_asked == cell.workers && row.dtype == cell.dtype && row.scope == cell.scope &&
         row.workload == cell.workload;
}

// Gathers the rows of any number of cells.
class CellGatherer {
 public:
  void add(const Row& row) {
    // A cell's samples stand together or come round in the same order.
    if (!entries_.empty() && is_of(row, entries_[entries_[last_].follower].gatherer.cell()))
      last_ = entries_[last_].follower;
    else
      find(row);
    entries_[last_].gatherer.add(row);
  }

  std::vector<Measured> take() {
    std::vector<Measured> gathered;
    gathered.reserve(entries_.size());
    for (; !entries_.empty(); entries_.pop_front()) gathered.push_back(entries_.front().gatherer.take());
    return sorted_by_place(std::move(gathered), place_of);
  }

 private:
  struct Entry {
    std::size_t follower;  // the entry whose row last came after one of this
    Gatherer gatherer;
  };

  void find(const Row& row) {
    const auto [at, is_new] = places_.try_emplace(key_of(row.cell()), entries_.size());
    if (is_new) entries_.push_back({entries_.size(), Gatherer(row)});
    entries_[last_].follower = at->second;
    last_ = at->second;
  }

  std::unordered_map<std::string, std::size_t> places_;  // in entries_, by key
  std::deque<Entry> entries_;
  std::size_t last_ = 0;  // entry of the last row
};

// Gathers the rows of a run.
class RunGatherer {
 public:
  void add(const Row& row) {
    cells_.add(row);
    note(row.system_id, systems_);
    note(row.git_revision, revisions_);
  }

  // What else is known of the run.
  MeasuredRun take(const Run& run) {
    return {.label = run.label,
            .system = run.system,
            .system_id = fmt::format("{}", fmt::join(systems_, ", ")),
            .git_revision = fmt::format("{}", fmt::join(revisions_, ", ")),
            .cells = cells_.take(),
            .notes = run.notes};
  }

 private:
  using Names = std::set<std::string>;

  static void note(const std::string& name, Names& names) {
    if (!name.empty() && !names.contains(name)) names.insert(name);
  }

  CellGatherer cells_;
  Names systems_, revisions_;
};

std::string ceiling_key(std::string_view bound, Dtype dtype, Workers workers) {
  return std::string(bound) + '/' + (bound == kFma ? std::string(to_string(dtype)) : "") + '/' + workers.to_string();
}

double rate_of(const Measured& ceiling) {
  const auto samples = ceiling.all_samples();
  const double work = ceiling.flops.value_or(0) > 0 ? *ceiling.flops : ceiling.bytes.value_or(0);
  return work / *std::min_element(samples.begin(), samples.end());
}

}  // namespace

std::vector<double> Measured::all_samples() const {
  std::vector<double> all;
  for (const auto& samples : seconds) all.insert(all.end(), samples.begin(), samples.end());
  return all;
}

std::string_view to_string(Metric metric) {
  return metric == Metric::seconds ? "seconds" : metric == Metric::cpu_seconds ? "cpu_seconds" : "rate";
}

Metric parse_metric(std::string_view text) {
  for (const Metric metric : {Metric::seconds, Metric::cpu_seconds, Metric::rate})
    if (to_string(metric) == text) return metric;
  throw UsageError(fmt::format("--metric {}: expected seconds, cpu_seconds or rate", text));
}

bool is_aa(const Cell& cell) { return cell.params.contains(kAaParam); }

Processes Measured::costs(Metric metric) const {
  if (metric == Metric::seconds) return seconds;
  if (metric == Metric::cpu_seconds) return cpu_seconds;
  const double work = flops.value_or(0) > 0 ? *flops : bytes.value_or(0);
  if (work <= 0) return {};
  Processes out = seconds;
  for (auto& samples : out)
    for (double& sample : samples) sample /= work;
  return out;
}

std::string Measured::way() const {
  std::string name = printable(cell.variant, 40);
  if (strategy == Strategy::serial || strategy == Strategy::gpu) return name;
  const std::int64_t count = workers.value_or(cell.workers.count);
  return count == 0 ? name + " with all workers"
                    : name + " with " + count_text(static_cast<std::size_t>(count), "worker");
}

std::string Measured::workers_text() const {
  if (cell.workers.count != 0) return std::to_string(workers.value_or(cell.workers.count));
  return workers ? std::to_string(*workers) + " (all)" : "all";
}

std::string key_of(const Cell& cell) {
  std::string key;
  const std::string workers = cell.workers.to_string(), shape = sorted_text(cell.shape);
  for (const std::string_view part :
       {std::string_view(cell.workload), std::string_view(cell.variant), to_string(cell.dtype), to_string(cell.scope),
        std::string_view(workers), std::string_view(shape)}) {
    key += part;
    key += kEnd;
  }
  return key + sorted_text(cell.params);
}

Place place_of(const Measured& measured) {
  const Cell& cell = measured.cell;
  double size = 1;
  for (const auto& [key, value] : cell.shape) size *= parse_double(value).value_or(1);
  const int workers = cell.workers.count == 0 ? std::numeric_limits<int>::max() : cell.workers.count;
  return {cell.workload == kCeiling,
          cell.workload,
          cell.dtype,
          cell.scope,
          ordered_text(cell.params),
          std::isnan(size) ? 0 : size,
          ordered_text(cell.shape),
          measured.strategy,
          !measured.library.empty(),
          cell.variant,
          workers};
}

std::vector<Measured> measured_cells(const std::vector<Row>& rows) {
  CellGatherer gatherer;
  for (const Row& row : rows) gatherer.add(row);
  return gatherer.take();
}

MeasuredRun measured_run(const Run& run) {
  RunGatherer gatherer;
  for (const Row& row : run.rows) gatherer.add(row);
  return gatherer.take(run);
}

MeasuredRun measured_run(const std::filesystem::path& folder_or_csv) {
  RunGatherer gatherer;
  return gatherer.take(read_run(folder_or_csv, [&](const Row& row) { gatherer.add(row); }));
}

Ceilings::Ceilings(const std::vector<Measured>& cells) {
  for (const Measured& ceiling : cells) {
    if (ceiling.cell.workload != kCeiling || !ceiling.is_ok()) continue;
    const double rate = rate_of(ceiling);
    best_[key_of(ceiling.cell)] = rate;
    const std::string bound =
        ceiling.cell.variant == kFma ? std::string(kFma) : ceiling.cell.shape.find(kLevel).value_or("");
    double& best = best_[ceiling_key(bound, ceiling.cell.dtype, ceiling.cell.workers)];
    best = std::max(best, rate);
  }
}

std::optional<double> Ceilings::best_for(const Measured& cell) const {
  if (best_.empty()) return std::nullopt;
  const auto at = best_.find(
      cell.cell.workload == kCeiling ? key_of(cell.cell) : ceiling_key(cell.bound, cell.cell.dtype, cell.cell.workers));
  return at == best_.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace overtake::compare
