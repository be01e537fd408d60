#include "reports/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "core/display_text.h"
#include "reports/markdown.h"

namespace yoake::reports {
namespace {

const Cell& CellAt(const std::vector<Cell>& row, std::size_t column) {
  static const Cell empty("");
  return column < row.size() ? row[column] : empty;
}

std::string Padded(const std::string& text, int width, Align align) {
  const std::string pad(static_cast<std::size_t>(std::max(0, width - DisplayWidth(text))), ' ');
  return align == Align::kLeft ? text + pad : pad + text;
}

// A line end inside a cell would break the row.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return text;
}

std::string CsvCell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string ToText(const Table& table) {
  std::vector<int> widths;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    int width = DisplayWidth(table.columns[column].title);
    for (const auto& row : table.rows) {
      width = std::max(width, DisplayWidth(OneLine(CellAt(row, column).text)));
    }
    widths.push_back(width);
  }
  std::string text;
  const auto add_line = [&](const auto& content_of) {
    std::string line;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      if (column > 0) line += "  ";
      line += Padded(content_of(column), widths[column], table.columns[column].align);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  add_line([&](std::size_t column) { return table.columns[column].title; });
  add_line([&](std::size_t column) { return std::string(static_cast<std::size_t>(widths[column]), '-'); });
  for (const auto& row : table.rows) {
    add_line([&](std::size_t column) { return OneLine(CellAt(row, column).text); });
  }
  return text;
}

std::string ToMarkdown(const Table& table) {
  std::string header = "|";
  std::string rule = "|";
  for (const Column& column : table.columns) {
    header += fmt::format(" {} |", EscapeMarkdown(column.title));
    rule += column.align == Align::kLeft ? " --- |" : " ---: |";
  }
  std::string text = header + "\n" + rule + "\n";
  for (const auto& row : table.rows) {
    text += "|";
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      const Cell& cell = CellAt(row, column);
      text +=
          fmt::format(" {} |", cell.link.empty() ? EscapeMarkdown(cell.text) : Link(cell.text, cell.link));
    }
    text += "\n";
  }
  return text;
}

std::string ToCsv(const Table& table) {
  std::string text;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    if (column > 0) text += ',';
    text += CsvCell(table.columns[column].title);
  }
  text += '\n';
  for (const auto& row : table.rows) {
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      if (column > 0) text += ',';
      text += CsvCell(CellAt(row, column).text);
    }
    text += '\n';
  }
  return text;
}

}  // namespace yoake::reports
