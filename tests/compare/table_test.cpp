// SPDX-License-Identifier: Apache-2.0
#include "compare/table.h"

#include <gtest/gtest.h>

namespace overtake::compare {
namespace {

Table example() {
  Table table({{"variant"}, {"time", Table::Align::right}, {"note"}});
  table.add({"serial", "1.00 s"});
  table.add_heading("grün");
  table.add({"größer", "12.00 s", ""});
  return table;
}

TEST(Table, ColumnsAlignAlsoWithUmlauts) {
  EXPECT_EQ(example().to_text(2),
            "  variant     time  note\n"
            "  serial    1.00 s\n"
            "grün\n"
            "  größer   12.00 s\n");
}

TEST(Table, MarkdownLeavesEmptyColumnsOut) {
  EXPECT_EQ(example().to_markdown(),
            "| variant |    time |\n"
            "| ------- | ------: |\n"
            "| serial  |  1.00 s |\n"
            "| größer  | 12.00 s |\n");
}

TEST(Table, CellsCannotBreakTheTable) {
  Table table({{"a"}});
  table.add({"x|y\nz"});
  EXPECT_EQ(table.to_markdown(), "| a      |\n| ------ |\n| x\\|y?z |\n");
  EXPECT_EQ(markdown_escaped("<script>"), "\\<script>");
}

}  // namespace
}  // namespace overtake::compare
