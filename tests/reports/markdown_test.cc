#include "reports/markdown.h"

#include <gmock/gmock.h>

namespace yoake::reports {
namespace {

TEST(MarkdownTest, EscapesNamesButNotColumnTitles) {
  struct Case {
    const char* plain;
    const char* escaped;
  };
  for (const auto& [plain, escaped] : std::vector<Case>{{"mAP_50", "mAP_50"},
                                                        {"_x_", "\\_x\\_"},
                                                        {"a | b", "a \\| b"},
                                                        {"<b>&amp;", "&lt;b&gt;&amp;amp;"},
                                                        {"*`[]~\\$", "\\*\\`\\[\\]\\~\\\\\\$"},
                                                        {"two\nlines\t", "two lines "},
                                                        {"夜明け", "夜明け"},
                                                        {"bad\xff", "bad\xef\xbf\xbd"}}) {
    EXPECT_EQ(EscapeMarkdown(plain), escaped);
  }
}

TEST(MarkdownTest, CodeSpansHoldBackticksAndPipes) {
  EXPECT_EQ(Code("day"), "`day`");
  EXPECT_EQ(Code("a`b"), "``a`b``");
  EXPECT_EQ(Code("`a"), "`` `a ``");
  EXPECT_EQ(Code("a|<b>"), "<code>a\\|&lt;b&gt;</code>");
}

TEST(MarkdownTest, BlocksCannotBeClosedFromInside) {
  EXPECT_EQ(CodeBlock("sh", "echo ```` done"), "`````sh\necho ```` done\n`````\n\n");
  EXPECT_EQ(CodeBlock("", "x\n"), "```\nx\n```\n\n");
  EXPECT_EQ(Details("3 < 4", "text\n\n"), "<details>\n<summary>3 &lt; 4</summary>\n\ntext\n\n</details>\n\n");
}

TEST(MarkdownTest, LinksSurviveSpacesAndBrackets) {
  EXPECT_EQ(Link("a[0]", "my run/(1)?#%.md"), "[a\\[0\\]](my%20run/%281%29%3F%23%25.md)");
  EXPECT_EQ(Image("history", "img/history.svg"), "![history](img/history.svg)\n\n");
}

}  // namespace
}  // namespace yoake::reports
