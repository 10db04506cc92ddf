// SPDX-License-Identifier: Apache-2.0
// The workload summarize: what there is to know of a table at first sight, with the meaning of pandas: figures of each
// column (describe), correlations (corr), means of groups (groupby). Problem, inputs, checker and cost; variants are in
// cpu/summarize.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/workload/l2_param.h"
#include "core/workload/table_input.h"
#include "core/workload/workload.h"

namespace overtake {

struct ElementReport;

struct Summarize {
  static constexpr std::string_view name = "summarize", baseline = "serial";
  static constexpr std::string_view size_help = TableShape::kSizeHelp, rate_unit = "rows/s";
  static constexpr std::array<std::string_view, 3> param_names = {"part", "data", kL2Param};
  static constexpr bool has_f64 = false;
  static constexpr std::size_t kBins = 10;
  static constexpr std::array<double, 3> kQuartiles = {0.25, 0.5, 0.75};

  /// moments: count, missing, mean, deviation, minimum and maximum; describe: with quartiles and histogram besides.
  enum class Part { all, moments, describe, corr, groups };

  struct Problem : TableShape {
    Part part = Part::all;
    std::string data;      // name of the user's own table, as a part of the key of results; empty: generated
    bool cold_l2 = false;  // a GPU's L2 cache is made to hold something else before each run

    static Problem from(const KeyValues& shape, const KeyValues& params);
    Problem shrunk(std::int64_t divisor) const;
    bool has_figures() const { return part != Part::corr && part != Part::groups; }
    bool describes() const { return part == Part::all || part == Part::describe; }
    bool correlates() const { return part == Part::all || part == Part::corr; }
    bool groups() const { return part == Part::all || part == Part::groups; }
  };

  /// DataFrame.describe() of a numeric column, without its missing values: the deviation is divided by n - 1, quartiles
  /// are interpolated linearly between ranks. NaN where there is no such figure. Infinite values count as values; the
  /// deviation is then NaN, and the mean infinite or, of both infinities, NaN.
  struct Figures {
    std::int64_t count, missing;
    double mean, deviation, min;
    std::array<double, kQuartiles.size()> quartiles;
    double max;
    /// numpy.histogram(x, bins=10) of x as float64: edges k (max - min) / 10 + min, the last bin closed; half a unit to
    /// both sides of a column that does not vary. All 0 where there is no value or an infinite one.
    std::array<std::int64_t, kBins> histogram;
  };
  /// Those of a column without values; counts are 0.
  static Figures no_figures();
  /// Of the histogram of a column with these finite extremes.
  static std::array<double, kBins + 1> bin_edges(double min, double max);

  template <class T>
  struct Input {
    Input(const Problem&, Arena&, const InputSource&);
    Problem problem;
    TableView<T> table;
  };

  /// What the part does not ask for is empty, or without meaning within Figures.
  struct Answer {
    std::span<Figures> columns;  // of each numeric column
    /// DataFrame.corr(): Pearson's, over the rows where both columns have a finite value; numeric x numeric; NaN where
    /// a column does not vary there or fewer than two rows are left.
    View<double> correlation;
    /// Of each category of each categorical column: its rows, and groupby(column).mean() of each numeric column, NaN
    /// where it has no value there.
    std::span<std::int64_t> group_rows;
    View<double> group_means;
  };
  template <class T>
  struct Output : Answer {
    Output(const Problem&, const Input<T>&, Arena&);
    void poison();
  };

  /// How near to its mean over a pair's rows a column has to stay for its squares to be summed about another point: in
  /// units of its variance there. Beyond it a variant has to sum about the mean itself.
  static constexpr double kCancellation = 100;

  /// Counts, extremes and histograms exactly; the rest against long double, two passes a figure. Sums are allowed
  /// 4 sqrt(n) units in the last place of double, the probabilistic bound of Higham and Mary (2019): a mean that times
  /// the mean magnitude; a deviation four times that of itself and that of the mean, because squares may be about a
  /// mean that is off by as much; a correlation six times that times kCancellation (three sums that may have lost as
  /// much to cancellation, Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 1.9). Sums in T are
  /// beyond it.
  template <class T>
  class Checker {
   public:
    explicit Checker(const Input<T>& input);
    Check operator()(const Output<T>& output) const;

    struct Expected {
      Figures figures;
      double mean_error, deviation_error;
    };
    struct Mean {
      double value, error;
    };

   private:
    void check_columns(const Output<T>&, ElementReport&) const;
    void check_correlation(const Output<T>&, ElementReport&) const;
    void check_groups(const Output<T>&, ElementReport&) const;

    const Input<T>& input_;
    std::vector<Expected> columns_;
    std::vector<Mean> correlation_;  // numeric x numeric
    std::vector<std::int64_t> group_rows_;
    std::vector<Mean> group_means_;  // levels x numeric
  };

  template <class T>
  struct Fault {
    std::string_view name;
    void (*plant)(const Input<T>&, Output<T>&);
  };
  template <class T>
  static std::span<const Fault<T>> faults();

  /// Each numeric column once, and once more for a histogram, whose edges follow from the first reading; codes once
  /// for groups. An item is a row.
  static Cost cost(const Problem&, Dtype);
  static KeyValues parse_size(std::string_view size) { return TableShape::parse_size(name, size); }

  template <class T, class V>
  static void load(V& variant, const Input<T>& input, Output<T>& output) {
    variant.load(input.table, output);
  }
};

}  // namespace overtake
