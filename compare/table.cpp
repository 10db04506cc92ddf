// SPDX-License-Identifier: Apache-2.0
#include "compare/table.h"

#include <algorithm>

#include "compare/text.h"

namespace overtake::compare {
namespace {

std::string padded(const std::string& text, std::size_t width, Table::Align align) {
  const std::size_t used = display_width(text);
  const std::string blanks(width > used ? width - used : 0, ' ');
  return align == Table::Align::left ? text + blanks : blanks + text;
}

void end_line(std::string& out) {
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = printable(cell);
  cells.resize(columns_.size());
  lines_.push_back({false, std::move(cells)});
}

void Table::add_heading(const std::string& text) { lines_.push_back({true, {printable(text)}}); }

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(display_width(column.title));
  for (const Line& line : lines_)
    for (std::size_t i = 0; !line.heading && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], display_width(line.cells[i]));
  return widths;
}

std::string Table::to_text(std::size_t indent) const {
  const auto width = widths();
  std::string out;
  const auto add_line = [&](auto&& cell) {
    out += std::string(indent, ' ');
    for (std::size_t i = 0; i < columns_.size(); ++i)
      out += (i == 0 ? "" : "  ") + padded(cell(i), width[i], columns_[i].align);
    end_line(out);
  };
  add_line([&](std::size_t i) { return columns_[i].title; });
  for (const Line& line : lines_) {
    if (line.heading)
      out += line.cells.front() + "\n";
    else
      add_line([&](std::size_t i) { return line.cells[i]; });
  }
  return out;
}

std::string Table::to_markdown() const {
  Table escaped(columns_);
  for (Column& column : escaped.columns_) column.title = markdown_escaped(column.title);
  for (const Line& line : lines_) {
    if (line.heading) continue;
    escaped.lines_.push_back(line);
    for (std::string& cell : escaped.lines_.back().cells) cell = markdown_escaped(cell);
  }
  const auto width = escaped.widths();
  const auto is_shown = [&](std::size_t i) {
    return std::any_of(escaped.lines_.begin(), escaped.lines_.end(),
                       [&](const Line& line) { return !line.cells[i].empty(); });
  };
  std::string out;
  const auto add_line = [&](auto&& cell) {
    out += '|';
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (is_shown(i)) out.append(1, ' ').append(cell(i)).append(" |");
    out += '\n';
  };
  add_line([&](std::size_t i) { return padded(escaped.columns_[i].title, width[i], columns_[i].align); });
  add_line([&](std::size_t i) {
    std::string dashes(width[i], '-');
    if (columns_[i].align == Align::right) dashes.back() = ':';
    return dashes;
  });
  for (const Line& line : escaped.lines_)
    add_line([&](std::size_t i) { return padded(line.cells[i], width[i], columns_[i].align); });
  return out;
}

std::string markdown_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '*' || c == '`' || c == '[' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace overtake::compare
