#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "core/did_you_mean.h"
#include "trainer/losses/expression/functions.h"
#include "trainer/losses/expression/quantities.h"
#include "trainer/losses/expression/syntax.h"
#include "trainer/losses/loss_types.h"

namespace yoake::trainer {
namespace {

const double kPi = std::acos(-1.0);

// Every name and function a formula uses must be there: what is wrong is said before anything trains.
class Check {
 public:
  Check(const Program& program, const LossConfig& config) : known_(QuantityNames(config.role)) {
    known_.emplace_back("pi");
    for (const auto& [name, value] : config.params) {
      if (value.is_number() || value.is_object()) known_.push_back(name);
    }
    for (const Definition& definition : program.definitions) {
      Visit(definition.value);
      if (Knows(definition.name)) {
        FailAt({.name = definition.name, .arguments = {}, .position = definition.position},
               "this name has a meaning already; choose another");
      }
      known_.push_back(definition.name);
    }
    Visit(program.value);
  }

 private:
  bool Knows(const std::string& name) const {
    return std::find(known_.begin(), known_.end(), name) != known_.end();
  }

  void Visit(const Node& node) const {
    for (const Node& argument : node.arguments) Visit(argument);
    if (node.kind == Node::Kind::kName && !Knows(node.name)) {
      FailAt(node, "unknown name" + DidYouMean(node.name, known_));
    }
    if (node.kind != Node::Kind::kCall || FindFunction(node.name, node.arguments.size()) != nullptr) return;
    const std::vector<std::string> names = FunctionNames();
    if (std::find(names.begin(), names.end(), node.name) == names.end()) {
      FailAt(node, "unknown function" + DidYouMean(node.name, names));
    }
    FailAt(node, "cannot take " + std::to_string(node.arguments.size()) + " arguments");
  }

  std::vector<std::string> known_;
};

// One evaluation: each quantity and definition is computed once, when it is first named.
class Evaluation {
 public:
  Evaluation(const Program& program, LossRole role, const LossConfig& config, const LossInput& in)
      : program_(program), role_(role), config_(config), in_(in) {}

  Value Of(const Node& node) {
    if (node.kind == Node::Kind::kNumber) return node.number;
    if (node.kind == Node::Kind::kName) return Named(node.name);
    std::vector<Value> arguments;
    for (const Node& argument : node.arguments) arguments.push_back(Of(argument));
    return FindFunction(node.name, arguments.size())->apply(arguments);
  }

 private:
  Value Named(const std::string& name) {
    const auto known = values_.find(name);
    if (known != values_.end()) return known->second;
    return values_[name] = Make(name);
  }

  Value Make(const std::string& name) {
    if (name == "pi") return kPi;
    if (config_.params.contains(name)) return in_.Number(name.c_str());
    for (const Definition& definition : program_.definitions) {
      if (definition.name == name) return Of(definition.value);
    }
    return Quantity(name, role_, in_);
  }

  const Program& program_;
  LossRole role_;
  const LossConfig& config_;
  const LossInput& in_;
  std::map<std::string, Value> values_;
};

LossFormula MakeExpression(const LossConfig& config) {
  const auto program = std::make_shared<const Program>(ParseProgram(config.Text("formula")));
  Check(*program, config);
  return [program, config](const LossInput& in) {
    const Value value = Evaluation(*program, config.role, config, in).Of(program->value);
    const auto* tensor = std::get_if<at::Tensor>(&value);
    // A constant for every element: of no use, but no reason to stop.
    return tensor != nullptr ? *tensor : at::full_like(in.pred, std::get<double>(value)) + 0 * in.pred;
  };
}

}  // namespace

// The user's own formula: syntax.h tells its language, quantities.h what it can name; further keys are its
// parameters.
LossType ExpressionType() {
  return {.name = "expression",
          .roles = {LossRole::kCls, LossRole::kObj, LossRole::kBbox, LossRole::kL1},
          .params = {{.name = "formula", .value = ""}},
          .make = MakeExpression,
          .free_params = true};
}

}  // namespace yoake::trainer
