#include "reports/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "core/display_text.h"
#include "core/xml.h"

namespace yoake::reports {
namespace {

bool IsWordByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c & 0x80) != 0;
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

std::string WithoutControls(std::string_view text) {
  std::string clean = ToUtf8(CodePoints(text));
  std::replace_if(clean.begin(), clean.end(), IsControl, ' ');
  return clean;
}

std::size_t LongestRun(std::string_view text, char c) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char each : text) {
    run = each == c ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// Percent-encodes what would end a link or be read as a query.
std::string EncodePath(std::string_view path) {
  std::string encoded;
  for (const char c : path) {
    if (IsControl(c) || std::string_view(" ()<>\"\\%?#|`[]*").find(c) != std::string_view::npos) {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      encoded += c;
    }
  }
  return encoded;
}

}  // namespace

std::string EscapeMarkdown(std::string_view raw) {
  const std::string text = WithoutControls(raw);
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool inside_word =
        i > 0 && i + 1 < text.size() && IsWordByte(text[i - 1]) && IsWordByte(text[i + 1]);
    if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '&') {
      escaped += "&amp;";
    } else if (std::string_view("\\|*`[]~$").find(c) != std::string_view::npos ||
               (c == '_' && !inside_word)) {
      escaped += '\\';
      escaped += c;
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Code(std::string_view raw) {
  std::string text = WithoutControls(raw);
  // In a table even a code span must not hold a bare pipe; HTML has no such trouble.
  if (text.find('|') != std::string::npos) return fmt::format("<code>{}</code>", EscapeMarkdown(text));
  const std::string fence(LongestRun(text, '`') + 1, '`');
  const char* pad = text.empty() || text.front() == '`' || text.back() == '`' ? " " : "";
  return fmt::format("{0}{1}{2}{1}{0}", fence, pad, text);
}

std::string Link(std::string_view text, std::string_view relative_path) {
  return fmt::format("[{}]({})", EscapeMarkdown(text), EncodePath(relative_path));
}

std::string Heading(int level, std::string_view plain) {
  return fmt::format("{} {}\n\n", std::string(static_cast<std::size_t>(level), '#'), EscapeMarkdown(plain));
}

std::string Paragraph(std::string_view markdown) { return fmt::format("{}\n\n", markdown); }

std::string Bullet(std::string_view markdown) { return fmt::format("- {}\n", markdown); }

std::string CodeBlock(std::string_view language, std::string_view content) {
  const std::string fence(std::max<std::size_t>(3, LongestRun(content, '`') + 1), '`');
  const char* end = content.empty() || content.back() == '\n' ? "" : "\n";
  return fmt::format("{0}{1}\n{2}{3}{0}\n\n", fence, language, content, end);
}

std::string Image(std::string_view plain_alt, std::string_view relative_path) {
  return fmt::format("!{}\n\n", Link(plain_alt, relative_path));
}

std::string Details(std::string_view plain_summary, std::string_view markdown) {
  return fmt::format("<details>\n<summary>{}</summary>\n\n{}</details>\n\n", EscapeXml(plain_summary),
                     markdown);
}

}  // namespace yoake::reports
