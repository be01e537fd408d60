#pragma once

#include <memory>
#include <string>
#include <vector>

namespace yoake::trainer {

// The language of user-written losses, e.g.
//   pt = p * t + (1 - p) * (1 - t); -alpha * (1 - pt)^gamma * log(max(pt, 1e-8))
// Numbers, names, + - * / ^ (also **), comparisons < <= > >= == != that give 1 or 0, function calls,
// brackets. Semicolons end definitions (`name = ...`); the last part is the value. ^ binds tightest and to
// the right: -x^2 is -(x^2).

struct Node {
  enum class Kind { kNumber, kName, kCall };
  Kind kind = Kind::kNumber;
  double number = 0;
  std::string name =
      {};  // Of a name, or of a function; operators are functions "+", "-", "*", "/", "^", "<" ...
  std::vector<Node> arguments = {};
  std::size_t position = 0;  // In the text, from 1: for messages.
};

struct Definition {
  std::string name;
  Node value;
  std::size_t position = 0;
};

struct Program {
  std::vector<Definition> definitions;
  Node value;
};

// Throws Error{kConfig} with the character: what was found and what would fit.
Program ParseProgram(const std::string& text);

// Throws Error{kConfig}: "at character 12 (gama): " and the message.
[[noreturn]] void FailAt(const Node& node, const std::string& message);

}  // namespace yoake::trainer
