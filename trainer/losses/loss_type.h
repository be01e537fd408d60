#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "trainer/losses/loss_config.h"

namespace yoake::trainer {

// What the run gives to a loss beside its parameters.
struct LossContext {
  std::vector<std::string> categories;  // The model's classes in their order.
  int input_size = 0;                   // Pixels, of the square input.
};

// For models whose categories have no names: "0", "1", ..
LossContext UnnamedCategories(int count, int input_size);

// One call of a loss. Classes and objectness: `pred` are logits, `target` soft labels in [0, 1], both
// [N, classes]. Boxes: [N, 4] x1, y1, x2, y2 in input pixels. L1: [N, 4] offsets of the head.
class LossInput {
 public:
  LossInput(const at::Tensor& predicted, const at::Tensor& wanted, const LossConfig& config, double epoch,
            const LossContext& run, std::map<std::string, at::Tensor>* state)
      : pred(predicted), target(wanted), context(run), config_(config), epoch_(epoch), state_(state) {}

  const at::Tensor& pred;
  const at::Tensor& target;
  const LossContext& context;

  double Number(const char* param) const { return config_.NumberAt(param, epoch_); }
  bool Flag(const char* param) const { return config_.Flag(param); }
  const std::string& Text(const char* param) const { return config_.Text(param); }
  // A scalar, or [classes] where the parameter is given by category.
  at::Tensor PerClass(const char* param) const;
  // Memory from call to call, saved with checkpoints; `count` zeros at first.
  at::Tensor& State(const char* name, std::int64_t count) const;

 private:
  const LossConfig& config_;
  double epoch_;
  std::map<std::string, at::Tensor>* state_;
};

// The unreduced loss: one value a row or an element, differentiable in `pred`, finite with finite gradients
// for degenerate and for equal boxes. Float32 or float64.
using LossFormula = std::function<at::Tensor(const LossInput&)>;

struct LossParam {
  std::string name;
  nlohmann::json value;  // mmdetection's default; its kind (number, flag, text) is the parameter's.
  double low = 0;        // Of a number, ends included.
  double high = std::numeric_limits<double>::infinity();
  bool per_class = false;
  std::vector<std::string> choices = {};  // Of a text; empty: any.
  std::string only_default = {};          // Why no other value will do; empty: others do.
};

// A kind of loss.
struct LossType {
  std::string name;
  std::set<LossRole> roles;
  std::vector<LossParam> params;  // Besides loss_weight and reduction, which every loss has.
  // Called once with what the configuration says; checks what ranges cannot.
  std::function<LossFormula(const LossConfig&)> make;
  bool mean_over_rows = false;  // Reduction "mean" divides by rows, not by elements.
  bool free_params = false;     // Further keys are numbers of the user's own naming.
};

// All of them: a new loss is a file and a line there (loss_types.cc).
const std::vector<LossType>& AllLossTypes();
const LossType* FindLossType(const std::string& name);
// Parameters of a type, loss_weight and reduction included.
std::vector<LossParam> ParamsOf(const LossType& type);

// x^exponent of x >= 0, with a finite slope where x is 0 and the exponent below 1.
at::Tensor Power(const at::Tensor& x, double exponent);
// Cross entropy of logits, unreduced: max(x, 0) - x t + log(1 + exp(-|x|)).
at::Tensor SigmoidCrossEntropy(const at::Tensor& logits, const at::Tensor& target);

// What classes and objectness need in this head: every class has a sigmoid of its own.
LossParam UseSigmoid();

}  // namespace yoake::trainer
