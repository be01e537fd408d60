#include "core/display_text.h"

#include <gmock/gmock.h>

#include "core/xml.h"

namespace yoake {
namespace {

TEST(DisplayTextTest, ValidTextSurvivesTheWayThere) {
  for (const char* text : {"", "plain", "夜明け", "é", "🚲 bicycle", "\U0010FFFF"}) {
    EXPECT_EQ(ToUtf8(CodePoints(text)), text);
  }
  EXPECT_EQ(CodePoints("夜明け").size(), 3u);
}

TEST(DisplayTextTest, EveryBrokenByteBecomesOneReplacement) {
  const char32_t bad = 0xFFFD;
  EXPECT_EQ(CodePoints("a\xff"), (std::vector<char32_t>{'a', bad}));
  EXPECT_EQ(CodePoints("\xe5\xa4"), (std::vector<char32_t>{bad, bad})) << "cut off in the middle";
  EXPECT_EQ(CodePoints("\xc0\xaf"), (std::vector<char32_t>{bad, bad})) << "overlong '/'";
  EXPECT_EQ(CodePoints("\xed\xa0\x80").front(), bad) << "a surrogate";
  EXPECT_EQ(CodePoints("\xf5\x80\x80\x80").front(), bad) << "beyond Unicode";
  EXPECT_EQ(CodePoints("\xe5z"), (std::vector<char32_t>{bad, 'z'})) << "the byte after is kept";
}

TEST(DisplayTextTest, ShortensAtCodePoints) {
  EXPECT_EQ(Shortened("夜明け前", 4), "夜明け前");
  EXPECT_EQ(Shortened("夜明け前", 3), "夜明…");
  EXPECT_EQ(Shortened("/data/a/train.json", 11, true), "…train.json");
  EXPECT_EQ(Shortened("abc", 1), "…");
}

TEST(DisplayTextTest, WidthsCountTerminalCells) {
  EXPECT_EQ(DisplayWidth("夜明け"), 6);
  EXPECT_EQ(DisplayWidth("ｱ"), 1) << "halfwidth kana";
  EXPECT_EQ(DisplayWidth("é"), 1);
  EXPECT_EQ(DisplayWidth("🚲"), 2);
  EXPECT_EQ(DisplayWidth("\xff"), 1);
}

TEST(XmlTest, EscapesMarkupAndForbiddenCharacters) {
  EXPECT_EQ(EscapeXml("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
  EXPECT_EQ(EscapeXml(std::string_view("a\0b\x1f", 4)),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd");
}

}  // namespace
}  // namespace yoake
