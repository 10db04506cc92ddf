// SPDX-License-Identifier: Apache-2.0
// The workload read_csv: the text of a CSV file becomes a table of columns in memory (core/workload/table.h says what
// it holds). Problem, input, checker and cost; variants are in cpu/read_csv.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/memory/arena.h"
#include "core/memory/view.h"
#include "core/workload/table.h"
#include "core/workload/workload.h"

namespace overtake {

struct ReadCsv {
  static constexpr std::string_view name = "read_csv", baseline = "serial";
  static constexpr std::string_view size_help = "ROWS", rate_unit = "GB/s";
  static constexpr std::array<std::string_view, 2> param_names = {"text", "data"};
  static constexpr bool has_f64 = true;

  struct Problem {
    /// Of the table; `levels`: categories of all categorical columns; `bytes`: of the text.
    std::int64_t rows = 0, cols = 0, categorical = 0, levels = 0, bytes = 0;
    bool quoted = false;  // param text=quoted instead of plain: which text is generated
    std::string data;     // name of the user's own file, as a part of the key of results; empty: generated

    static Problem from(const KeyValues& shape, const KeyValues& params);
    KeyValues shape() const;
    /// Fewer rows of the same columns.
    Problem shrunk(std::int64_t divisor) const;
  };

  /// Generated, every row equally long: `plain`: 8 columns of numbers with a point, an integer and a category of 16 (88
  /// bytes a row); `quoted`: an integer, 2 numbers and 4 texts of 100 categories, two thirds of their cells within
  /// quotes with commas, line feeds and doubled quotes inside (163 bytes a row). From a file: its bytes; the second
  /// input has its rows in reverse order and the sign of every number turned. The text lies at the start of the arena's
  /// memory file.
  template <class T>
  struct Input {
    Input(const Problem&, Arena&, const InputSource&);
    Problem problem;
    std::string_view text;
    std::string name;  // for messages
    int descriptor;    // of the memory file that starts with the text
  };

  /// The table that a variant read, as bytes that another process can write.
  template <class T>
  struct Output {
    Output(const Problem&, const Input<T>&, Arena&);
    void poison();
    /// What does not fit is cut off, so that a wrong table shows as one.
    void store(const BasicTable<T>&);

    std::span<std::int64_t> counts;       // rows, columns
    std::span<std::int32_t> categorical;  // of each column: its number of categories; -1: numeric
    View<T> numeric;                      // row j: the j-th numeric column
    View<std::int32_t> codes;             // row j: the j-th categorical column
    std::span<std::int64_t> text_ends;    // of names, then categories, column by column, in text
    std::span<char> text;
  };

  /// Bit by bit against core/csv and fast_float, which rounds correctly; one NaN counts as another.
  template <class T>
  class Checker {
   public:
    explicit Checker(const Input<T>& input);
    Check operator()(const Output<T>& output) const;

   private:
    BasicTable<T> expected_;
  };

  template <class T>
  struct Fault {
    std::string_view name;
    void (*plant)(const Input<T>&, Output<T>&);
  };
  template <class T>
  static std::span<const Fault<T>> faults();

  /// The text once, the columns once. An item is a row.
  static Cost cost(const Problem&, Dtype);
  static KeyValues parse_size(std::string_view size);

  /// What `--data` needs to know of a user's file before it is a cell. Throws UsageError naming file, line and column.
  static KeyValues describe(const std::filesystem::path&);

  template <class T, class V>
  static void load(V& variant, const Input<T>& input, Output<T>& output) {
    variant.load(input, output);
  }
};

}  // namespace overtake
