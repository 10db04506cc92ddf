// SPDX-License-Identifier: Apache-2.0
// The workload preprocess: a table of numeric and categorical columns through a pipeline that is fitted and applied
// (core/workload/pipeline.h says what the steps mean). Problem, inputs, checker and cost; variants are in
// cpu/preprocess.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/workload/l2_param.h"
#include "core/workload/pipeline.h"
#include "core/workload/table_input.h"
#include "core/workload/workload.h"

namespace overtake {

struct ElementReport;

struct Preprocess {
  static constexpr std::string_view name = "preprocess", baseline = "serial";
  static constexpr std::string_view size_help = TableShape::kSizeHelp, rate_unit = "rows/s";
  static constexpr std::array<std::string_view, 4> param_names = {"phase", "steps", "data", kL2Param};
  static constexpr std::string_view kDefaultSteps = "impute_mean+standardise+one_hot";
  static constexpr bool has_f64 = false;

  /// What a run does: learn the parameters, use given ones (learnt from the same table), or one after the other.
  enum class Phase { fit, apply, both };

  struct Problem : TableShape {
    Phase phase = Phase::both;
    Pipeline pipeline;
    std::string data;      // name of the user's own table, as a part of the key of results; empty: generated
    bool cold_l2 = false;  // a GPU's L2 cache is made to hold something else before each run

    static Problem from(const KeyValues& shape, const KeyValues& params);
    Problem shrunk(std::int64_t divisor) const;
    /// Columns of the result: the numeric ones, then those of one_hot or ordinal.
    std::int64_t features() const {
      return numeric() + (pipeline.one_hot ? levels : pipeline.ordinal ? categorical : 0);
    }
  };

  /// Of a table that was read already, as `overtake do` has it: without `given`.
  template <class T>
  struct Input {
    Input(const Problem&, Arena&, const InputSource&);
    Problem problem;
    TableView<T> table;
    Fitted given;  // phase=apply: what to use; otherwise without meaning
  };

  template <class T>
  struct Output {
    Output(const Problem&, const Input<T>&, Arena&);
    void poison();
    View<T> features;  // rows x features; no rows for phase=fit
    Fitted fitted;     // of phase=fit and both
  };

  /// What the reference learns, with bounds on how far a right answer may be from it.
  struct Parameter {
    double a = 0, b = 0, a_error = 0, b_error = 0;
  };

  /// Every element, against steps in double precision with one pass a step and sums in long double. Tolerances come
  /// from a running error analysis (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.3), one
  /// error bound beside each value: each step may round its result to T (3 roundings for a division by a deviation),
  /// and hands on the errors that it got; sums are allowed 4 sqrt(n) units in the last place of double, the
  /// probabilistic bound of Higham and Mary (2019). A mean rounded to T, or sums in T, are beyond it.
  template <class T>
  class Checker {
   public:
    explicit Checker(const Input<T>& input);
    Check operator()(const Output<T>& output) const;

   private:
    void check_fitted(const Output<T>&, ElementReport&) const;
    void check_numeric(const Output<T>&, ElementReport&) const;
    void check_categories(const Output<T>&, ElementReport&) const;
    void check_places(const Output<T>&, ElementReport&) const;

    const Input<T>& input_;
    std::vector<std::vector<Parameter>> columns_;  // of each numeric column, for each step
    std::vector<std::int32_t> seen_;
  };

  template <class T>
  struct Fault {
    std::string_view name;
    void (*plant)(const Input<T>&, Output<T>&);
  };
  template <class T>
  static std::span<const Fault<T>> faults();

  /// Parameters by plain loops, for phase=apply.
  template <class T>
  static void fit_reference(const Problem&, const TableView<T>&, const Fitted& out);

  /// Each column that the steps need once to fit and once to apply; the result once. Categories count for apply alone:
  /// fitting may stop to read a column whose categories have all been seen. An item is a row.
  static Cost cost(const Problem&, Dtype);
  static KeyValues parse_size(std::string_view size);

  /// Throws UsageError, naming the column with the most categories, where one_hot would make more features than fit the
  /// memory.
  static void require_memory(const std::string& path, const Table&, const Problem&, std::size_t element_bytes);

  /// What `--data` needs to know of a user's table before it is a cell.
  struct Description {
    KeyValues shape, params;         // params: data=NAME
    std::vector<std::string> notes;  // sentences about how its columns were read, for people
  };
  /// Throws UsageError naming file, line and column where the table cannot be used.
  static Description describe(const std::filesystem::path&);

  template <class T, class V>
  static void load(V& variant, const Input<T>& input, Output<T>& output) {
    variant.load(input.table, input.given, output);
  }
};

}  // namespace overtake
