#include "reports/table.h"

#include <gmock/gmock.h>

#include <sstream>

namespace yoake::reports {
namespace {

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Table Example() {
  return {{{"category", Align::kLeft}, {"mAP"}, {"note", Align::kLeft}},
          {{"夜明け", "0.5", "x"}, {"car", "0.125", ""}, {"e\xcc\x81", "nan", "y"}}};
}

TEST(TableTest, TerminalColumnsLineUpWithWideAndCombiningCharacters) {
  EXPECT_EQ(ToText(Example()),
            "category    mAP  note\n"
            "--------  -----  ----\n"
            "夜明け      0.5  x\n"
            "car       0.125\n"
            "e\xcc\x81           nan  y\n");
}

TEST(TableTest, MarkdownEscapesWhatWouldBreakARow) {
  const Table table{{{"a|b", Align::kLeft}, {"mAP_50"}},
                    {{"<script> & *bold*\nnext", "0.1"}, {Cell("trials/0", "../run 1/trials/0")}}};
  const auto lines = Lines(ToMarkdown(table));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0], "| a\\|b | mAP_50 |");
  EXPECT_EQ(lines[1], "| --- | ---: |");
  EXPECT_EQ(lines[2], "| &lt;script&gt; &amp; \\*bold\\* next | 0.1 |");
  EXPECT_EQ(lines[3], "| [trials/0](../run%201/trials/0) |  |") << "missing cells are empty ones";
}

TEST(TableTest, CsvQuotesByRfc4180) {
  const Table table{{{"name"}, {"value"}},
                    {{"a,b", "1"}, {"say \"x\"", "2"}, {"two\nlines", "3"}, {"plain"}}};
  EXPECT_EQ(ToCsv(table), "name,value\n\"a,b\",1\n\"say \"\"x\"\"\",2\n\"two\nlines\",3\nplain,\n");
}

TEST(TableTest, ALineEndInACellStaysOneRowInATerminal) {
  const Table table{{{"a", Align::kLeft}}, {{"x\ny"}}};
  EXPECT_EQ(ToText(table), "a\n---\nx y\n");
}

TEST(TableTest, ATableWithoutRowsKeepsItsHeader) {
  EXPECT_EQ(ToText({{{"a"}}, {}}), "a\n-\n");
  EXPECT_EQ(ToCsv({{{"a"}, {"b"}}, {}}), "a,b\n");
}

}  // namespace
}  // namespace yoake::reports
