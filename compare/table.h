// SPDX-License-Identifier: Apache-2.0
// A table of text with aligned columns, for a terminal or as Markdown that also reads well in one.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace overtake::compare {

class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Cells may hold anything: control characters are replaced. Missing cells are empty.
  void add(std::vector<std::string> cells);
  /// A line of its own between rows, not aligned.
  void add_heading(const std::string& text);

  /// Columns two blanks apart, `indent` blanks before rows, none before headings.
  std::string to_text(std::size_t indent = 0) const;
  /// A pipe table without the columns that are empty in every row; headings are left out.
  std::string to_markdown() const;

 private:
  struct Line {
    bool heading = false;
    std::vector<std::string> cells;
  };
  std::vector<std::size_t> widths() const;
  std::vector<Column> columns_;
  std::vector<Line> lines_;
};

/// Text that means itself in Markdown, also in a cell of a table.
std::string markdown_escaped(const std::string& text);

}  // namespace overtake::compare
