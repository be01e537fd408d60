#include "core/error.h"
#include "tests/trainer/losses/loss_checks.h"

namespace yoake::trainer {
namespace {

const at::Tensor& Logits() {
  static const at::Tensor kLogits = Rows({-3, -.5, .2, 4, -30, 30, 1.5, -.2, .7}, 3);
  return kLogits;
}
const at::Tensor& Soft() {
  static const at::Tensor kTarget = Rows({0, 1, .3, .85, 0, 1, 0, 0, .6}, 3);
  return kTarget;
}

LossConfig Written(LossRole role, const std::string& formula, const Changes& parameters = {}) {
  nlohmann::json json = parameters;
  json["type"] = "expression";
  json["formula"] = formula;
  json["reduction"] = "sum";
  const JsonReader reader(json, "loss.json");
  return ParseLossConfig(reader,
                         MakeLossConfig(role, role == LossRole::kBbox ? "IoULoss" : "CrossEntropyLoss"));
}

double Value(LossRole role, const std::string& formula, const at::Tensor& pred, const at::Tensor& target,
             const Changes& parameters = {}) {
  Loss loss(Written(role, formula, parameters), {.categories = {"a", "b", "c"}, .input_size = 100});
  return loss(pred, target).item<double>();
}

// A constant formula of one element gives its own value.
double Constant(const std::string& formula) {
  return Value(LossRole::kObj, formula, Rows({0.5}, 1), Rows({1}, 1));
}

std::string ErrorOf(LossRole role, const std::string& formula) {
  try {
    Written(role, formula);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Expression, Arithmetic) {
  EXPECT_EQ(Constant("1 + 2 * 3 - 4 / 8"), 6.5);
  EXPECT_EQ(Constant("-2^2"), -4);
  EXPECT_EQ(Constant("2^3^2"), 512);
  EXPECT_EQ(Constant("2**-1"), 0.5);
  EXPECT_EQ(Constant("(1 + 2) * -3"), -9);
  EXPECT_EQ(Constant("1 - 2 - 3"), -4);
  EXPECT_EQ(Constant("8 / 4 / 2"), 1);
  EXPECT_EQ(Constant("1.5e1 + .5"), 15.5);
  EXPECT_EQ(Constant("(1 < 2) + (2 <= 1) + (3 == 3) + (3 != 3)"), 2);
  EXPECT_EQ(Constant("where(2 > 1, 7, 8)"), 7);
  EXPECT_EQ(Constant("clamp(9, 0, 2) + min(1, 2) + max(1, 2)"), 5);
  EXPECT_EQ(Constant("a = 2; b = a * a; b + a"), 6);
  EXPECT_NEAR(Constant("sin(pi / 6) + log(exp(2)) + sqrt(16) + abs(-1)"), 7.5, 1e-12);
}

// The built-in losses written as formulas: same values, same gradients.
TEST(Expression, EqualsTheBuiltIn) {
  struct Case {
    LossRole role;
    const char* type;
    const char* formula;
    Changes parameters;
  };
  const at::Tensor boxes = Rows({10, 10, 30, 42, 5, 8, 25, 20, 50, 50, 70, 65}, 4);
  const at::Tensor truth = Rows({12, 9, 33, 40, 9, 3, 21, 26, 51, 48, 66, 67}, 4);
  const std::vector<Case> cases = {
      {LossRole::kCls, "CrossEntropyLoss", "max(x, 0) - x * t + log(1 + exp(-abs(x)))", {}},
      {LossRole::kCls,
       "FocalLoss",
       "pt = (1 - p) * t + p * (1 - t); bce * (alpha * t + (1 - alpha) * (1 - t)) * pt^gamma",
       {{"alpha", 0.25}, {"gamma", 2.0}}},
      {LossRole::kCls, "QualityFocalLoss", "bce * abs(t - p)^beta", {{"beta", 2.0}}},
      {LossRole::kCls, "VarifocalLoss", "bce * where(t > 0, t, 0.75 * p^2)", {}},
      {LossRole::kBbox, "GIoULoss", "1 - giou", {}},
      {LossRole::kBbox, "DIoULoss", "1 - clamp(iou - centre, -1, 1)", {}},
      {LossRole::kBbox,
       "CIoULoss",
       "a = stop((iou > 0.5) * aspect / (1 - iou + aspect)); 1 - clamp(iou - centre - a * aspect, -1, 1)",
       {}},
      {LossRole::kBbox,
       "MPDIoULoss",
       "1 - iou + ((x1 - tx1)^2 + (y1 - ty1)^2 + (x2 - tx2)^2 + (y2 - ty2)^2) / (2 * side^2)",
       {}},
      {LossRole::kBbox,
       "NWDLoss",
       "1 - exp(-sqrt((cx - tcx)^2 + (cy - tcy)^2 + ((w - tw)^2 + (h - th)^2) / 4 + 1e-6) / 12.8)",
       {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.type);
    const bool box = c.role == LossRole::kBbox;
    const at::Tensor& target = box ? truth : Soft();
    at::Tensor mine = (box ? boxes : Logits()).clone().set_requires_grad(true);
    at::Tensor theirs = mine.detach().clone().set_requires_grad(true);
    Loss expression(Written(c.role, c.formula, c.parameters),
                    {.categories = {"a", "b", "c"}, .input_size = 100});
    const at::Tensor value = expression(mine, target);
    const at::Tensor reference = MakeLoss(c.role, c.type)(theirs, target);
    value.backward();
    reference.backward();
    EXPECT_NEAR(value.item<double>(), reference.item<double>(), 1e-6);
    EXPECT_LT((mine.grad() - theirs.grad()).abs().max().item<double>(), 1e-6);
  }
}

TEST(Expression, ParametersMayBeCurves) {
  Loss loss(Written(LossRole::kObj, "k * bce", {{"k", {{"epochs", {0, 10}}, {"values", {1, 2}}}}}),
            {.categories = {"a"}, .input_size = 100});
  const double start = loss(Rows({.3}, 1), Rows({1}, 1)).item<double>();
  loss.SetEpoch(5);
  EXPECT_NEAR(loss(Rows({.3}, 1), Rows({1}, 1)).item<double>(), 1.5 * start, 1e-12);
}

TEST(Expression, ErrorsSayWhereAndWhat) {
  struct Case {
    LossRole role;
    std::string formula;
    std::string message;
  };
  const std::vector<Case> cases = {
      {LossRole::kCls, "bce * gama^2", "at character 7 (gama): unknown name"},
      {LossRole::kCls, "1 - iou", "at character 5 (iou): unknown name"},
      {LossRole::kCls, "bce * (1 - p", "at character 13 (the end): expected ')'"},
      {LossRole::kCls, "bce p", "at character 5 ('p'): expected an operator or the end"},
      {LossRole::kCls, "", "at character 1 (the end): expected a number, a name or '('"},
      {LossRole::kCls, "bce * $", "at character 7 ('$')"},
      {LossRole::kCls, "logg(p)", "at character 1 (logg): unknown function; did you mean 'log'?"},
      {LossRole::kCls, "clamp(p, 1)", "at character 1 (clamp): cannot take 2 arguments"},
      {LossRole::kCls, "p = 1; p", "at character 1 (p): this name has a meaning already"},
      {LossRole::kCls, "a = b; b = 1; a", "at character 5 (b): unknown name"},
      {LossRole::kCls, "a = 1 bce", "expected ';' after the definition of 'a'"},
      {LossRole::kBbox, "1 - iuo", "did you mean 'iou'"},
      {LossRole::kCls, std::string(5000, '('), "levels of brackets"},
      {LossRole::kCls, std::string(5000, '-') + "p", "levels of brackets"},
  };
  for (const Case& c : cases) {
    EXPECT_NE(ErrorOf(c.role, c.formula).find(c.message), std::string::npos)
        << c.formula.substr(0, 40) << " -> " << ErrorOf(c.role, c.formula);
  }
  EXPECT_NE(ErrorOf(LossRole::kCls, "bce +").find("loss.json"), std::string::npos);
}

}  // namespace
}  // namespace yoake::trainer
