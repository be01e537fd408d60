#include "trainer/losses/expression/functions.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace yoake::trainer {
namespace {

using Arguments = std::vector<Value>;

bool IsNumber(const Value& value) { return std::holds_alternative<double>(value); }

at::Tensor AsTensor(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return at::scalar_tensor(*number, at::kDouble);
  return std::get<at::Tensor>(value);
}

// By the same operation on numbers and on tensors.
template <auto kOperation>
Value Unary(const Arguments& a) {
  if (IsNumber(a[0])) return static_cast<double>(kOperation(std::get<double>(a[0])));
  return kOperation(std::get<at::Tensor>(a[0]));
}

template <auto kOperation>
Value Binary(const Arguments& a) {
  if (!IsNumber(a[0]) || !IsNumber(a[1])) return kOperation(AsTensor(a[0]), AsTensor(a[1]));
  return static_cast<double>(kOperation(std::get<double>(a[0]), std::get<double>(a[1])));
}

double Truth(bool holds) { return holds ? 1 : 0; }
at::Tensor Truth(const at::Tensor& holds) { return holds.to(at::kFloat); }

double Lower(double x, double y) { return std::min(x, y); }
at::Tensor Lower(const at::Tensor& x, const at::Tensor& y) { return at::minimum(x, y); }
double Higher(double x, double y) { return std::max(x, y); }
at::Tensor Higher(const at::Tensor& x, const at::Tensor& y) { return at::maximum(x, y); }

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
at::Tensor Sigmoid(const at::Tensor& x) { return x.sigmoid(); }
double Softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
at::Tensor Softplus(const at::Tensor& x) { return at::softplus(x); }

Value Raise(const Arguments& a) {
  if (!IsNumber(a[1])) return at::pow(AsTensor(a[0]), std::get<at::Tensor>(a[1]));
  const double exponent = std::get<double>(a[1]);
  if (IsNumber(a[0])) return std::pow(std::get<double>(a[0]), exponent);
  return std::get<at::Tensor>(a[0]).pow(exponent);
}

Value Where(const Arguments& a) {
  if (IsNumber(a[0])) return std::get<double>(a[0]) != 0 ? a[1] : a[2];
  const at::Tensor condition = AsTensor(a[0]) != 0;
  const at::Tensor then = AsTensor(a[1]);
  const at::Tensor otherwise = AsTensor(a[2]);
  const at::ScalarType type = at::result_type(then, otherwise);
  return at::where(condition, then.to(type), otherwise.to(type));
}

Value Clamp(const Arguments& a) {
  const Value capped = FindFunction("min", 2)->apply({a[0], a[2]});
  return FindFunction("max", 2)->apply({capped, a[1]});
}

Value Stop(const Arguments& a) {
  if (IsNumber(a[0])) return a[0];
  return std::get<at::Tensor>(a[0]).detach();
}

const std::vector<Function>& FunctionTable() {
  // Found for numbers here, for tensors by their namespace.
  using std::abs, std::acos, std::asin, std::atan, std::cos, std::exp, std::log, std::sin, std::sqrt,
      std::tan, std::tanh;
  static const std::vector<Function> kTable = {
      {"abs", 1, Unary<[](const auto& x) { return abs(x); }>},
      {"acos", 1, Unary<[](const auto& x) { return acos(x); }>},
      {"asin", 1, Unary<[](const auto& x) { return asin(x); }>},
      {"atan", 1, Unary<[](const auto& x) { return atan(x); }>},
      {"cos", 1, Unary<[](const auto& x) { return cos(x); }>},
      {"exp", 1, Unary<[](const auto& x) { return exp(x); }>},
      {"log", 1, Unary<[](const auto& x) { return log(x); }>},
      {"sin", 1, Unary<[](const auto& x) { return sin(x); }>},
      {"sqrt", 1, Unary<[](const auto& x) { return sqrt(x); }>},
      {"tan", 1, Unary<[](const auto& x) { return tan(x); }>},
      {"tanh", 1, Unary<[](const auto& x) { return tanh(x); }>},
      {"sigmoid", 1, Unary<[](const auto& x) { return Sigmoid(x); }>},
      {"softplus", 1, Unary<[](const auto& x) { return Softplus(x); }>},
      {"-", 1, Unary<[](const auto& x) { return -x; }>},
      {"stop", 1, Stop},
      {"+", 2, Binary<[](const auto& x, const auto& y) { return x + y; }>},
      {"-", 2, Binary<[](const auto& x, const auto& y) { return x - y; }>},
      {"*", 2, Binary<[](const auto& x, const auto& y) { return x * y; }>},
      {"/", 2, Binary<[](const auto& x, const auto& y) { return x / y; }>},
      {"<", 2, Binary<[](const auto& x, const auto& y) { return Truth(x < y); }>},
      {"<=", 2, Binary<[](const auto& x, const auto& y) { return Truth(x <= y); }>},
      {">", 2, Binary<[](const auto& x, const auto& y) { return Truth(x > y); }>},
      {">=", 2, Binary<[](const auto& x, const auto& y) { return Truth(x >= y); }>},
      {"==", 2, Binary<[](const auto& x, const auto& y) { return Truth(x == y); }>},
      {"!=", 2, Binary<[](const auto& x, const auto& y) { return Truth(x != y); }>},
      {"min", 2, Binary<[](const auto& x, const auto& y) { return Lower(x, y); }>},
      {"max", 2, Binary<[](const auto& x, const auto& y) { return Higher(x, y); }>},
      {"^", 2, Raise},
      {"pow", 2, Raise},
      {"clamp", 3, Clamp},
      {"where", 3, Where},
  };
  return kTable;
}

}  // namespace

const Function* FindFunction(const std::string& name, std::size_t arguments) {
  for (const Function& function : FunctionTable()) {
    if (name == function.name && function.arguments == arguments) return &function;
  }
  return nullptr;
}

std::vector<std::string> FunctionNames() {
  std::vector<std::string> names;
  for (const Function& function : FunctionTable()) {
    if (std::isalpha(static_cast<unsigned char>(function.name[0])) != 0) names.emplace_back(function.name);
  }
  return names;
}

}  // namespace yoake::trainer
