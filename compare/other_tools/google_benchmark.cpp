// SPDX-License-Identifier: Apache-2.0
// The part of other_tools.h that reads Google Benchmark's JSON.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <ctime>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "compare/other_tools/other_tools.h"
#include "compare/other_tools/rows.h"
#include "compare/text.h"
#include "core/csv/number.h"
#include "core/json.h"

namespace overtake::compare {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kGoogleBenchmark = "google_benchmark";

// Google Benchmark writes NaN and Infinity, which JSON does not know.
std::string with_null_for_nan(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') is_quoted = !is_quoted;
    std::size_t length = 0;
    for (const std::string_view word : {"NaN", "-NaN", "Infinity", "-Infinity"})
      if (!is_quoted && text.substr(i).starts_with(word)) length = word.size();
    if (length > 0) {
      out += "null";
      i += length - 1;
      continue;
    }
    out += text[i];
    if (is_quoted && text[i] == '\\' && i + 1 < text.size()) out += text[++i];
  }
  return out;
}

std::string text_at(const ordered_json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? without_nul(at->get<std::string>()) : "";
}

std::optional<double> number_at(const ordered_json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_number()) return std::nullopt;
  return at->get<double>();
}

bool flag_at(const ordered_json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_boolean() && at->get<bool>();
}

// "2026-11-21T09:48:29+01:00" in UTC; "" for anything else.
std::string utc_of(const std::string& date) {
  std::tm time{};
  const char* rest = strptime(date.c_str(), "%Y-%m-%dT%H:%M:%S%z", &time);
  if (rest == nullptr || *rest != '\0') return "";
  const long offset = time.tm_gmtoff;  // timegm() forgets it
  const std::time_t moment = timegm(&time) - offset;
  if (gmtime_r(&moment, &time) == nullptr) return "";
  char text[32];
  return std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &time) == 0 ? "" : text;
}

// Parts of a name that say how it was driven, not what it computed.
bool is_modifier(std::string_view part) {
  for (const std::string_view word : {"real_time", "process_time", "manual_time"})
    if (part == word) return true;
  for (const std::string_view start : {"iterations:", "min_time:", "min_warmup_time:"})
    if (part.starts_with(start)) return true;
  return false;
}

// What one of our own programs' names says; nothing where the benchmark is somebody else's.
std::optional<Cell> cell_named(const std::string& name) {
  try {
    return Cell::parse(name);
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

// One of our own programs' names says all; else the family is the variant, its arguments are the shape.
void read_name(const std::string& name, Row& row) {
  if (const auto cell = cell_named(name)) {
    row.workload = cell->workload;
    row.variant = cell->variant;
    row.dtype = cell->dtype;
    row.scope = cell->scope;
    row.shape = cell->shape;
    row.params = cell->params;
    row.workers_asked = cell->workers;
    return;
  }
  std::string_view rest = name;
  row.variant = rest.starts_with('/') ? rest : rest.substr(0, rest.find('/'));
  const auto add = [](KeyValues& values, const char* prefix, std::string_view value) {
    int number = 1;
    while (values.contains(prefix + std::to_string(number))) ++number;
    values.set(prefix + std::to_string(number), value);
  };
  while (rest.find('/') != std::string_view::npos) {
    rest.remove_prefix(rest.find('/') + 1);
    const std::string_view part = rest.substr(0, rest.find('/'));
    if (part.starts_with("repeats:")) continue;  // how many samples there are, not of what
    const std::size_t colon = part.find(':');
    const std::string_view key = part.substr(0, colon), value = colon == part.npos ? part : part.substr(colon + 1);
    if (key == "threads" && parse_integer(value).value_or(0) > 0 && value.size() < 7)
      row.workers_asked = Workers::parse(value);
    else if (is_modifier(part))
      add(row.params, "how", part);
    else if (colon == part.npos || key.empty() || row.shape.contains(key))
      add(row.shape, "arg", part);
    else
      row.shape.set(key, value);
  }
}

double seconds_in(const std::string& unit) {
  static const std::map<std::string, double> kUnits = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"", 1e-9}};
  const auto at = kUnits.find(unit);
  return at == kUnits.end() ? 0 : at->second;
}

// What is no counter of the user's.
bool is_known_key(const std::string& key) {
  static const std::set<std::string> kKnown = {
      "name",           "run_name",       "run_type",       "repetitions",  "repetition_index",
      "threads",        "iterations",     "real_time",      "cpu_time",     "time_unit",
      "label",          "aggregate_name", "aggregate_unit", "family_index", "per_family_instance_index",
      "error_occurred", "error_message",  "skipped",        "skip_message"};
  return kKnown.contains(key);
}

class GoogleBenchmarkReader {
 public:
  GoogleBenchmarkReader(const ordered_json& file, std::string name) : file_(file), name_(std::move(name)) {}

  Imported read() {
    if (!file_.contains("benchmarks") || !file_["benchmarks"].is_array())
      throw UsageError(name_ + ": has no list 'benchmarks': give the file that --benchmark_out=FILE wrote as JSON");
    out_.tool = "Google Benchmark";
    if (file_.contains("context") && file_["context"].is_object()) read_context(file_["context"]);
    std::set<std::string> repeated;  // run names with samples of their own
    for (const auto& entry : file_["benchmarks"])
      if (entry.is_object() && !is_aggregate(entry)) repeated.insert(run_name(entry));
    for (const auto& entry : file_["benchmarks"]) {
      ++number_;
      if (!entry.is_object() || text_at(entry, "name").empty()) throw bad("has no name");
      entry_ = text_at(entry, "name");
      const bool is_median = !repeated.contains(run_name(entry)) && text_at(entry, "aggregate_name") == "median";
      if (!is_aggregate(entry) || is_median) add(entry);
    }
    if (out_.rows.empty()) throw UsageError(name_ + ": holds no times: neither repetitions nor medians of them");
    return std::move(out_);
  }

 private:
  static bool is_aggregate(const ordered_json& entry) { return text_at(entry, "run_type") == "aggregate"; }

  static std::string run_name(const ordered_json& entry) {
    const std::string name = text_at(entry, "run_name");
    return name.empty() ? text_at(entry, "name") : name;
  }

  UsageError bad(const std::string& what) const {
    return UsageError(fmt::format("{}: benchmark {}{} {}", name_, number_,
                                  entry_.empty() ? "" : " ('" + printable(entry_, 60) + "')", what));
  }

  void read_context(const ordered_json& context) {
    utc_ = utc_of(text_at(context, "date"));
    if (const auto cpus = number_at(context, "num_cpus")) out_.system["logical_cpus"] = *cpus;
    ordered_json told = context;
    told.erase("host_name");  // as in ours, it is left out
    out_.system["google_benchmark"] = std::move(told);
    if (const std::string host = text_at(context, "host_name"); !host.empty())
      out_.identity = fmt::format("{} {}", host, number_at(context, "num_cpus").value_or(0));
    if (text_at(context, "library_build_type") == "debug")
      out_.notes.push_back(name_ + ": Google Benchmark says that its library is a debug build (Debian's always does)");
  }

  double time_at(const ordered_json& entry, const char* key, double unit) const {
    const auto time = number_at(entry, key);
    if (!time || !std::isfinite(*time) || *time < 0)
      throw bad(fmt::format("has no '{}' that is a finite number of at least 0", key));
    return *time * unit;
  }

  void add(const ordered_json& entry) {
    Row row = reported_row(kGoogleBenchmark);
    read_name(run_name(entry), row);
    row.utc = utc_;
    row.sample = samples_[run_name(entry)]++;
    if (const auto threads = number_at(entry, "threads"); threads && *threads >= 1 && *threads < 1e6)
      row.workers = static_cast<std::int64_t>(*threads);
    if (row.workers_asked.count == 0 && row.workload == kGoogleBenchmark) row.workers_asked = {1};
    row.strategy = row.workers.value_or(1) > 1 ? Strategy::threads : Strategy::serial;
    if (flag_at(entry, "error_occurred"))
      set_status(row, RowStatus::failed, text_at(entry, "error_message"));
    else if (flag_at(entry, "skipped"))
      set_status(row, RowStatus::skipped, text_at(entry, "skip_message"));
    else
      add_times(entry, row);
    out_.rows.push_back(std::move(row));
  }

  static void set_status(Row& row, RowStatus status, const std::string& reason) {
    row.status = status;
    row.status_reason = reason;
    row.check_method.clear();
  }

  void add_times(const ordered_json& entry, Row& row) const {
    const std::string unit = text_at(entry, "time_unit");
    const double in_seconds = seconds_in(unit);
    if (in_seconds == 0) throw bad("has the time_unit '" + printable(unit, 20) + "': expected ns, us, ms or s");
    row.seconds = time_at(entry, "real_time", in_seconds);
    if (entry.contains("cpu_time")) row.cpu_seconds = time_at(entry, "cpu_time", in_seconds);
    if (const auto count = number_at(entry, "iterations"); count && *count >= 1 && *count < 1e18)
      row.iterations = static_cast<std::int64_t>(*count);
    if (is_aggregate(entry)) row.metrics.set("aggregate", "median of repetitions");
    if (const std::string label = text_at(entry, "label"); !label.empty()) row.metrics.set("label", label);
    for (const auto& [key, value] : entry.items())
      if (value.is_number() && !key.empty() && !is_known_key(key))
        row.metrics.set(without_nul(key), value.get<double>());
    if (const auto rate = number_at(entry, "bytes_per_second"); rate && *rate > 0) row.bytes = *rate * *row.seconds;
  }

  const ordered_json& file_;
  std::string name_, entry_, utc_;
  std::size_t number_ = 0;  // of the entry that is read, from 1
  std::map<std::string, std::int64_t> samples_;
  Imported out_;
};

}  // namespace

Imported parse_google_benchmark(std::string_view text, const std::string& name) {
  const ordered_json file = parse_json_object(with_null_for_nan(text), name);
  return GoogleBenchmarkReader(file, name).read();
}

}  // namespace overtake::compare
