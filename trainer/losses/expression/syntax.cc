#include "trainer/losses/expression/syntax.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdlib>

#include "core/error.h"

namespace yoake::trainer {
namespace {

constexpr int kDeepest = 200;  // Brackets within brackets; a hostile text must not use up the stack.

bool StartsName(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool ContinuesName(char c) { return StartsName(c) || std::isdigit(static_cast<unsigned char>(c)) != 0; }

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) {}

  Program Parse() {
    Program program;
    while (true) {
      Skip();
      const std::size_t begin = at_;
      const std::string name = TakeName();
      Skip();
      if (!name.empty() && Peek('=') && !PeekAt(1, '=')) {
        ++at_;
        program.definitions.push_back({name, Comparison(), begin + 1});
        Skip();
        if (!Take(';')) Fail("expected ';' after the definition of '" + name + "'");
        continue;
      }
      at_ = begin;
      program.value = Comparison();
      Skip();
      Take(';');
      Skip();
      if (at_ != text_.size()) Fail("expected an operator or the end");
      return program;
    }
  }

 private:
  [[noreturn]] void Fail(const std::string& message) const {
    const std::string found = at_ < text_.size() ? fmt::format("'{}'", text_[at_]) : "the end";
    throw Error(ErrorKind::kConfig, fmt::format("at character {} ({}): {}", at_ + 1, found, message));
  }

  void Skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool PeekAt(std::size_t ahead, char c) const {
    return at_ + ahead < text_.size() && text_[at_ + ahead] == c;
  }
  bool Peek(char c) const { return PeekAt(0, c); }
  bool Take(char c) {
    if (!Peek(c)) return false;
    ++at_;
    return true;
  }
  bool Take(const std::string& word) {
    if (text_.compare(at_, word.size(), word) != 0) return false;
    at_ += word.size();
    return true;
  }
  std::string TakeName() {
    const std::size_t begin = at_;
    if (at_ < text_.size() && StartsName(text_[at_])) {
      while (at_ < text_.size() && ContinuesName(text_[at_])) ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  static Node Call(std::string name, std::vector<Node> arguments, std::size_t position) {
    return {.kind = Node::Kind::kCall,
            .name = std::move(name),
            .arguments = std::move(arguments),
            .position = position};
  }

  Node Comparison() {
    Node left = Sum();
    Skip();
    const std::size_t position = at_ + 1;
    for (const char* op : {"<=", ">=", "==", "!=", "<", ">"}) {
      if (Take(std::string(op))) return Call(op, {std::move(left), Sum()}, position);
    }
    return left;
  }

  Node Sum() {
    Node left = Product();
    while (true) {
      Skip();
      const std::size_t position = at_ + 1;
      if (Take('+')) {
        left = Call("+", {std::move(left), Product()}, position);
      } else if (Take('-')) {
        left = Call("-", {std::move(left), Product()}, position);
      } else {
        return left;
      }
    }
  }

  Node Product() {
    Node left = Signed();
    while (true) {
      Skip();
      const std::size_t position = at_ + 1;
      if (Take('*')) {
        left = Call("*", {std::move(left), Signed()}, position);
      } else if (Take('/')) {
        left = Call("/", {std::move(left), Signed()}, position);
      } else {
        return left;
      }
    }
  }

  Node Signed() {
    Skip();
    const std::size_t position = at_ + 1;
    if (++depth_ > kDeepest) Fail(fmt::format("more than {} levels of brackets and signs", kDeepest));
    Node node;
    if (Take('-')) {
      node = Call("-", {Signed()}, position);
    } else if (Take('+')) {
      node = Signed();
    } else {
      node = Raised();
    }
    --depth_;
    return node;
  }

  Node Raised() {
    Node base = Atom();
    Skip();
    const std::size_t position = at_ + 1;
    if (!Take('^') && !Take(std::string("**"))) return base;
    return Call("^", {std::move(base), Signed()}, position);
  }

  Node Atom() {
    Skip();
    const std::size_t begin = at_;
    if (Take('(')) {
      Node inner = Comparison();
      Skip();
      if (!Take(')')) Fail("expected ')'");
      return inner;
    }
    if (const std::string name = TakeName(); !name.empty()) {
      Skip();
      if (!Take('(')) return {.kind = Node::Kind::kName, .name = name, .position = begin + 1};
      return Call(name, Arguments(), begin + 1);
    }
    const char* start = text_.c_str() + at_;
    if (at_ < text_.size() && (std::isdigit(static_cast<unsigned char>(*start)) != 0 || *start == '.')) {
      char* end = nullptr;
      const double number = std::strtod(start, &end);
      if (end != start) {
        at_ += static_cast<std::size_t>(end - start);
        return {.kind = Node::Kind::kNumber, .number = number, .position = begin + 1};
      }
    }
    Fail("expected a number, a name or '('");
  }

  std::vector<Node> Arguments() {
    std::vector<Node> arguments;
    while (true) {
      arguments.push_back(Comparison());
      Skip();
      if (Take(')')) return arguments;
      if (!Take(',')) Fail("expected ',' or ')'");
    }
  }

  const std::string& text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Program ParseProgram(const std::string& text) { return Parser(text).Parse(); }

void FailAt(const Node& node, const std::string& message) {
  throw Error(ErrorKind::kConfig, fmt::format("at character {} ({}): {}", node.position, node.name, message));
}

}  // namespace yoake::trainer
