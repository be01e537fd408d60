#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <variant>
#include <vector>

namespace yoake::trainer {

// A number until a tensor comes in: constants cost nothing.
using Value = std::variant<double, at::Tensor>;

// Operators and functions of a user's formula. abs acos asin atan clamp(x, low, high) cos exp log max min pow
// sigmoid sin softplus sqrt stop(x) (x without a slope) tan tanh where(condition, then, else), and the
// operators of syntax.h.
struct Function {
  const char* name;
  std::size_t arguments;
  Value (*apply)(const std::vector<Value>& arguments);
};

// nullptr: there is none of that name with so many arguments.
const Function* FindFunction(const std::string& name, std::size_t arguments);
// Names that are words, for messages.
std::vector<std::string> FunctionNames();

}  // namespace yoake::trainer
