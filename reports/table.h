#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yoake::reports {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kRight;
};

// Plain text, and optionally the relative path it links to where the form has links (Markdown).
struct Cell {
  Cell(std::string plain, std::string target = "") : text(std::move(plain)), link(std::move(target)) {}
  Cell(const char* plain) : text(plain) {}

  std::string text;
  std::string link;
};

// One table value, three forms. A row may have fewer cells than there are columns: the rest is empty.
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

// For a terminal: columns padded to one width, two spaces apart, a rule of dashes under the titles. Widths
// count terminal cells, so that 夜明け lines up.
std::string ToText(const Table& table);

// GitHub's pipe table with every special character of a cell escaped.
std::string ToMarkdown(const Table& table);

// RFC 4180 with '\n' line ends: cells with a comma, quote or line end are quoted.
std::string ToCsv(const Table& table);

}  // namespace yoake::reports
