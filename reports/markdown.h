#pragma once

#include <string>
#include <string_view>

namespace yoake::reports {

// GitHub-flavoured Markdown, piece by piece. Every block ends with one empty line, so that blocks can be
// concatenated. Plain texts are escaped here and nowhere else.

// `text` as it stands, whatever characters a name holds: | < & * ` and their kind are escaped, line ends and
// control characters become spaces. An underscore between letters or digits stays (mAP_50).
std::string EscapeMarkdown(std::string_view text);

// `text` in code style, also when it holds backticks; safe in a table's cell.
std::string Code(std::string_view text);

std::string Link(std::string_view text, std::string_view relative_path);  // Inline.

std::string Heading(int level, std::string_view plain);
std::string Paragraph(std::string_view markdown);
std::string Bullet(std::string_view markdown);  // One item, no empty line after it.
std::string CodeBlock(std::string_view language, std::string_view content);
std::string Image(std::string_view plain_alt, std::string_view relative_path);
std::string Details(std::string_view plain_summary, std::string_view markdown);

}  // namespace yoake::reports
