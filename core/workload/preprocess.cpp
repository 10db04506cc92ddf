// SPDX-License-Identifier: Apache-2.0
#include "core/workload/preprocess.h"

#include <algorithm>
#include <limits>
#include <string>

#include "core/error.h"
#include "core/registry/workload_info.h"
#include "core/system/resources.h"
#include "core/workload/table.h"

namespace overtake {
namespace {

Fitted allocate_fitted(Arena& arena, const Preprocess::Problem& p) {
  const auto steps = static_cast<std::int64_t>(p.pipeline.steps.size());
  const std::int64_t width = 2 * p.numeric();
  return {{arena.allocate<double>(static_cast<std::size_t>(steps * width)).data(), steps, width, width},
          arena.allocate<std::int32_t>(static_cast<std::size_t>(p.levels))};
}

}  // namespace

Preprocess::Problem Preprocess::Problem::from(const KeyValues& shape, const KeyValues& params) {
  Problem p{TableShape::from(name, shape)};
  const std::string phase = params.find("phase").value_or("both");
  if (phase != "fit" && phase != "apply" && phase != "both")
    throw UsageError("phase '" + phase + "': preprocess has the phases fit, apply and both");
  p.phase = phase == "fit" ? Phase::fit : phase == "apply" ? Phase::apply : Phase::both;
  p.pipeline = Pipeline::parse(params.find("steps").value_or(std::string(kDefaultSteps)));
  p.data = params.find("data").value_or("");
  p.cold_l2 = overtake::cold_l2(params);
  return p;
}

Preprocess::Problem Preprocess::Problem::shrunk(std::int64_t divisor) const {
  Problem less = *this;
  static_cast<TableShape&>(less) = with_fewer_rows(divisor);
  return less;
}

// A column of names or dates has nearly as many categories as rows.
void Preprocess::require_memory(const std::string& path, const Table& table, const Problem& p,
                                std::size_t element_bytes) {
  const double bytes =
      static_cast<double>(p.rows) * static_cast<double>(p.features()) * static_cast<double>(element_bytes);
  const double memory = static_cast<double>(memory_limit_bytes());
  if (!p.pipeline.one_hot || p.phase == Phase::fit || bytes <= memory) return;
  const auto widest = std::ranges::max_element(table.columns, {}, [](const Column& c) { return c.categories.size(); });
  throw UsageError(path + ": one_hot makes a column of each of the " + std::to_string(p.levels) +
                   " categories, and the result of " + std::to_string(bytes / 1e9) + " GB does not fit the " +
                   std::to_string(memory / 1e9) + " GB of memory; leave out column '" + widest->name + "' with its " +
                   std::to_string(widest->categories.size()) + " categories, or take steps without one_hot");
}

template <class T>
Preprocess::Input<T>::Input(const Problem& p, Arena& arena, const InputSource& source)
    : problem(p),
      table(make_table<T>(name, p, p.data, arena, source,
                          [&](const Table& read) { require_memory(source.path, read, p, sizeof(T)); })),
      given(allocate_fitted(arena, p)) {
  if (!source.attached && source.table == nullptr && p.phase == Phase::apply) fit_reference(p, table, given);
}

template <class T>
Preprocess::Output<T>::Output(const Problem& p, const Input<T>&, Arena& arena) {
  const std::int64_t rows = p.phase == Phase::fit ? 0 : p.rows, width = p.features();
  features = {arena.allocate<T>(static_cast<std::size_t>(rows * width)).data(), rows, width, width};
  fitted = allocate_fitted(arena, p);
}

template <class T>
void Preprocess::Output<T>::poison() {
  std::fill_n(features.data, features.size(), std::numeric_limits<T>::quiet_NaN());
  std::fill_n(fitted.parameters.data, fitted.parameters.size(), std::numeric_limits<double>::quiet_NaN());
  std::fill(fitted.seen.begin(), fitted.seen.end(), -1);
}

Cost Preprocess::cost(const Problem& p, Dtype dtype) {
  const double rows = static_cast<double>(p.rows), element = static_cast<double>(size_of(dtype));
  const double numeric = rows * static_cast<double>(p.numeric());
  const double codes = p.pipeline.encodes() ? rows * static_cast<double>(p.categorical) * sizeof(std::int32_t) : 0;
  Cost cost{.items = rows};
  if (p.phase != Phase::apply) {
    cost.bytes_read += p.pipeline.learns() ? numeric * element : 0;
    // A difference, a sum, a product and a sum for mean and deviation, a comparison each for minimum and maximum.
    cost.flops += p.pipeline.learns() ? 6 * numeric : 0;
  }
  if (p.phase != Phase::fit) {
    cost.bytes_read += codes + numeric * element;
    cost.bytes_written += rows * static_cast<double>(p.features()) * element;
    cost.flops += 2 * static_cast<double>(p.pipeline.steps.size()) * numeric;
  }
  return cost;
}

KeyValues Preprocess::parse_size(std::string_view size) { return TableShape::parse_size(name, size); }

Preprocess::Description Preprocess::describe(const std::filesystem::path& path) {
  Table table = read_table(path);
  Description out;
  out.shape = TableShape::of(table).shape();
  out.params.set("data", path.filename().string());
  out.notes = std::move(table.notes);
  return out;
}

template struct Preprocess::Input<float>;
template struct Preprocess::Output<float>;

OVERTAKE_WORKLOAD(Preprocess);

}  // namespace overtake
