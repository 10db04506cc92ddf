// SPDX-License-Identifier: Apache-2.0
#include "cpu/read_csv/engine/read.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "core/csv/reader.h"
#include "core/error.h"
#include "core/system/resources.h"
#include "cpu/read_csv/engine/blocks.h"
#include "cpu/read_csv/engine/dictionary.h"

namespace overtake {
namespace {

constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kSampleRows = 128;
// Rows whose text and numbers stay in the first-level cache while one column after another is parsed.
constexpr std::size_t kPieceRows = 256;

// The text of a cell without its quotes.
std::string content_of(std::string_view cell) {
  if (cell.empty() || cell.front() != '"') return std::string(cell);
  cell = cell.substr(1, cell.size() - 2);
  std::string content;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    content += cell[i];
    if (cell[i] == '"') ++i;
  }
  return content;
}

// Words for missing start so, and cells of blanks.
bool may_be_missing(std::string_view cell) {
  const std::string_view text = cell.substr(!cell.empty() && cell.front() == '"' ? 1 : 0);
  return text.empty() || text.front() == '"' || text.front() == 'n' || text.front() == 'N' || text.front() == ' ' ||
         text.front() == '\t';
}

// What a worker knows of a column.
struct Seen {
  Dictionary dictionary;                // of cells as they stand there, with their quotes
  std::size_t not_a_number = kNowhere;  // where the first such cell starts in the text
  bool any_value = false;
};

struct Worker {
  std::vector<Seen> columns;
  std::vector<std::pair<std::size_t, std::size_t>> rows;  // first and count, of each of its blocks
  std::vector<std::uint32_t> room;
};

enum class Take { numbers, categories, nothing };

// What the first rows and the header tell.
struct Sample {
  std::size_t data = 0;  // offset of the first row
  std::size_t rows = 0, bytes = 0;
  std::vector<std::string> names;
  std::vector<ColumnKind> kinds;
};

template <class T>
Sample sample_of(std::string_view text, const std::string& name) {
  Sample sample;
  CsvReader reader(text, name);
  std::vector<std::string_view> cells;
  if (!reader.next(cells)) return sample;
  sample.names.assign(cells.begin(), cells.end());
  sample.kinds.resize(cells.size());
  sample.data = reader.offset();
  while (sample.rows < kSampleRows && reader.next(cells)) {
    ++sample.rows;
    for (std::size_t j = 0; j < cells.size(); ++j) {
      T value{};
      if (sample.kinds[j].line == 0 && !value_of_cell(cells[j], value))
        sample.kinds[j] = {true, reader.position(j).line, std::string(cells[j])};
    }
  }
  sample.bytes = reader.offset() - sample.data;
  return sample;
}

std::string gigabytes(double bytes) {
  std::string text = std::to_string(bytes / 1e9);
  return text.substr(0, text.find('.') + 3) + " GB";
}

template <class T>
class Reading {
 public:
  Reading(std::string_view text, const std::string& name, int workers, const Team& team, const CsvOptions& options)
      : text_(text), name_(name), team_(team), options_(options), workers_(static_cast<std::size_t>(workers)) {}

  // False: this is no CSV, or there is no row; core/csv says so best.
  bool read() {
    sample_ = sample_of<T>(text_, name_);
    if (sample_.rows == 0) return false;
    for (std::size_t j = 0; j < sample_.names.size(); ++j) {
      table_.columns.emplace_back().name = sample_.names[j];
      const bool forced = std::ranges::find(options_.categorical, sample_.names[j]) != options_.categorical.end();
      takes_.push_back(sample_.kinds[j].line == 0 && !forced ? Take::numbers : Take::categories);
    }
    for (Worker& worker : workers_) worker.columns.resize(takes_.size());
    estimate_memory();
    if (!pass()) return false;
    // Columns that looked like numbers and are not: once more, these alone.
    if (find_categorical() && !pass()) return false;
    finish();
    return true;
  }

  BasicTable<T> take() { return std::move(table_); }

 private:
  void estimate_memory() {
    const double data = static_cast<double>(text_.size() - sample_.data);
    expected_rows_ = static_cast<std::size_t>(data * static_cast<double>(sample_.rows) /
                                              static_cast<double>(std::max<std::size_t>(sample_.bytes, 1)));
    double row = 0;
    for (const Take take : takes_) row += take == Take::numbers ? sizeof(T) : sizeof(std::int32_t);
    const double needed = static_cast<double>(expected_rows_) * row;
    const double memory =
        static_cast<double>(options_.memory_bytes >= 0 ? options_.memory_bytes : memory_limit_bytes());
    if (needed <= memory) return;
    throw UsageError(name_ + ": its " + gigabytes(static_cast<double>(text_.size())) + " of text hold about " +
                     std::to_string(expected_rows_) + " rows of " + std::to_string(takes_.size()) +
                     " columns, a table of " + gigabytes(needed) + ", and there are " + gigabytes(memory) +
                     " of memory: split the file, or leave columns out");
  }

  bool pass() {
    // A row has a byte for each cell at least, but two where it has one cell: a blank line is none.
    const std::size_t most = (text_.size() - sample_.data) / std::max<std::size_t>(takes_.size(), 2) + 1;
    for (std::size_t j = 0; j < takes_.size(); ++j) {
      if (takes_[j] == Take::numbers) table_.columns[j].values = LargeArray<T>(most, expected_rows_);
      if (takes_[j] == Take::categories) table_.columns[j].codes = LargeArray<std::int32_t>(most, expected_rows_);
    }
    Blocks blocks(text_, sample_.data, takes_.size(), options_.block_bytes);
    std::atomic<std::size_t> next = 0;
    team_([&](int number) {
      Worker& worker = workers_[static_cast<std::size_t>(number)];
      worker.rows.clear();
      try {
        for (std::size_t block = next++; block < blocks.count(); block = next++) {
          const auto rows = blocks.rows_of(block, worker.room);
          if (!rows) return;
          parse(*rows, worker);
          worker.rows.emplace_back(rows->first, rows->count);
        }
      } catch (...) {
        blocks.stop();
        throw;
      }
    });
    if (blocks.broken()) return false;
    table_.rows = static_cast<std::int64_t>(blocks.rows());
    return true;
  }

  void parse(const Blocks::Rows& rows, Worker& worker) {
    for (std::size_t first = 0; first < rows.count; first += kPieceRows) {
      const std::size_t last = std::min(first + kPieceRows, rows.count);
      for (std::size_t j = 0; j < takes_.size(); ++j) {
        if (takes_[j] == Take::numbers && worker.columns[j].not_a_number == kNowhere)
          parse_column(rows, j, first, last, worker);
        if (takes_[j] == Take::categories) encode_column(rows, j, first, last, worker);
      }
    }
  }

  void parse_column(const Blocks::Rows& rows, std::size_t j, std::size_t first, std::size_t last, Worker& worker) {
    T* out = table_.columns[j].values.data() + rows.first;
    Seen& seen = worker.columns[j];
    for (std::size_t row = first;; ++row) {
      row = parse_numbers(rows.cells, j, row, last, out);
      if (row == last) break;
      const std::string_view cell = rows.cells.cell(row, j);
      const std::string content = content_of(cell);
      if (!value_of_cell(content, out[row])) {
        seen.not_a_number = static_cast<std::size_t>(cell.data() - text_.data());
        return;
      }
      seen.any_value |= !is_missing(content);
    }
    if (!seen.any_value) seen.any_value = std::any_of(out + first, out + last, [](T x) { return !std::isnan(x); });
  }

  void encode_column(const Blocks::Rows& rows, std::size_t j, std::size_t first, std::size_t last, Worker& worker) {
    std::int32_t* out = table_.columns[j].codes.data() + rows.first;
    Dictionary& dictionary = worker.columns[j].dictionary;
    for (std::size_t row = first; row < last; ++row) {
      const std::string_view cell = rows.cells.cell(row, j);
      out[row] = may_be_missing(cell) && is_missing(content_of(cell)) ? -1 : dictionary.code(cell);
    }
  }

  // Whether there are columns to be read again.
  bool find_categorical() {
    bool any = false;
    for (std::size_t j = 0; j < takes_.size(); ++j) {
      std::size_t where = kNowhere;
      for (const Worker& worker : workers_) {
        where = std::min(where, worker.columns[j].not_a_number);
        sample_.kinds[j].any_value |= worker.columns[j].any_value;
      }
      if (takes_[j] == Take::categories) {
        keep_codes(j);
        takes_[j] = Take::nothing;
      } else if (where == kNowhere) {
        table_.columns[j].values.truncate(static_cast<std::size_t>(table_.rows));
        takes_[j] = Take::nothing;
      } else {
        describe(j, where);
        table_.columns[j].values = {};
        takes_[j] = Take::categories;
        any = true;
      }
    }
    return any;
  }

  void describe(std::size_t j, std::size_t where) {
    CsvReader cell(text_.substr(where), name_);
    std::vector<std::string_view> cells;
    const auto before = text_.substr(0, where);
    ColumnKind& kind = sample_.kinds[j];
    kind = {true, 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')), {}};
    if (cell.next(cells)) kind.cell = cells.front();
  }

  // Categories in order, from the order in which each worker first saw them.
  void keep_codes(std::size_t j) {
    TableColumn<T>& column = table_.columns[j];
    column.categorical = true;
    std::vector<std::string>& all = column.categories;
    for (const Worker& worker : workers_)
      for (const std::string_view key : worker.columns[j].dictionary.keys()) all.push_back(content_of(key));
    std::ranges::sort(all);
    all.erase(std::ranges::unique(all).begin(), all.end());
    column.codes.truncate(static_cast<std::size_t>(table_.rows));
    team_([&](int number) {
      Worker& worker = workers_[static_cast<std::size_t>(number)];
      std::vector<std::int32_t> places = {-1};  // of code -1, 0, 1, ...
      for (const std::string_view key : worker.columns[j].dictionary.keys())
        places.push_back(static_cast<std::int32_t>(std::ranges::lower_bound(all, content_of(key)) - all.begin()));
      for (const auto& [first, count] : worker.rows)
        for (std::int32_t* code = column.codes.data() + first; code != column.codes.data() + first + count; ++code)
          *code = places[static_cast<std::size_t>(*code + 1)];
    });
  }

  void finish() {
    for (std::size_t j = 0; j < takes_.size(); ++j)
      if (takes_[j] == Take::categories) keep_codes(j);
    table_.notes = notes_of(name_, table_, sample_.kinds);
  }

  std::string_view text_;
  std::string name_;
  const Team& team_;
  CsvOptions options_;
  std::vector<Worker> workers_;
  Sample sample_;
  std::size_t expected_rows_ = 0;
  std::vector<Take> takes_;
  BasicTable<T> table_;
};

}  // namespace

Team team_of_one() {
  return [](const std::function<void(int)>& work) { work(0); };
}

Team team_of_threads(int workers) {
  return [workers](const std::function<void(int)>& work) {
    std::vector<std::exception_ptr> errors(static_cast<std::size_t>(workers));
    const auto guarded = [&](int worker) {
      try {
        work(worker);
      } catch (...) {
        errors[static_cast<std::size_t>(worker)] = std::current_exception();
      }
    };
    {
      std::vector<std::jthread> threads;
      for (int worker = 1; worker < workers; ++worker) threads.emplace_back(guarded, worker);
      guarded(0);
    }
    for (const auto& error : errors)
      if (error) std::rethrow_exception(error);
  };
}

template <class T>
BasicTable<T> read_csv(std::string_view text, const std::string& name, int workers, const Team& team,
                       const CsvOptions& options) {
  Reading<T> reading(text, name, workers, team, options);
  if (reading.read()) return reading.take();
  // Slow, and its messages name the place.
  return read_table_as<T>(text, name);
}

template BasicTable<float> read_csv(std::string_view, const std::string&, int, const Team&, const CsvOptions&);
template BasicTable<double> read_csv(std::string_view, const std::string&, int, const Team&, const CsvOptions&);

}  // namespace overtake
