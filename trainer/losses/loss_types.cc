#include "trainer/losses/loss_types.h"

#include <ATen/ATen.h>

#include "core/error.h"

namespace yoake::trainer {

const std::vector<LossType>& AllLossTypes() {
  static const std::vector<LossType> kTypes = {
      CrossEntropyType(),
      FocalType(),
      QualityFocalType(),
      VarifocalType(),
      AsymmetricType(),
      EqualizationType(),
      GradientHarmonizedType(),
      IouType(),
      GiouType(),
      DiouType(),
      CiouType(),
      ExtendedIouType(),
      EfficientIouType(),
      ScyllaIouType(),
      AlphaIouType(),
      WassersteinType(),
      MinPointsDistanceType(),
      L1Type(),
      SmoothL1Type(),
      ExpressionType(),
  };
  return kTypes;
}

const LossType* FindLossType(const std::string& name) {
  for (const LossType& type : AllLossTypes()) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

LossContext UnnamedCategories(int count, int input_size) {
  LossContext context{.categories = {}, .input_size = input_size};
  for (int i = 0; i < count; ++i) context.categories.push_back(std::to_string(i));
  return context;
}

std::vector<LossParam> ParamsOf(const LossType& type) {
  const bool by_class = type.roles.contains(LossRole::kCls);
  std::vector<LossParam> params = {
      {.name = "loss_weight", .value = 1.0, .per_class = by_class},
      {.name = "reduction", .value = "mean", .choices = {"sum", "mean"}},
  };
  params.insert(params.end(), type.params.begin(), type.params.end());
  return params;
}

at::Tensor LossInput::PerClass(const char* param) const {
  const nlohmann::json& value = config_.params.at(param);
  if (value.is_number() || value.contains("epochs")) return at::scalar_tensor(Number(param), at::kDouble);
  std::vector<double> columns;
  for (std::size_t i = 0; i < context.categories.size(); ++i) {
    columns.push_back(value.is_array() ? value.at(i).get<double>()
                                       : value.value(context.categories[i], config_.DefaultOf(param)));
  }
  return at::tensor(columns, pred.options().requires_grad(false));
}

at::Tensor& LossInput::State(const char* name, std::int64_t count) const {
  at::Tensor& state = (*state_)[name];
  if (!state.defined()) state = at::zeros({count}, pred.options().dtype(at::kDouble).requires_grad(false));
  return state;
}

at::Tensor Power(const at::Tensor& x, double exponent) {
  constexpr double kTiny = 1e-12;
  if (exponent == 1) return x;
  if (exponent == 2) return x.square();
  return exponent >= 1 ? x.pow(exponent) : x.clamp_min(kTiny).pow(exponent);
}

at::Tensor SigmoidCrossEntropy(const at::Tensor& logits, const at::Tensor& target) {
  return at::binary_cross_entropy_with_logits(logits, target, {}, {}, at::Reduction::None);
}

LossParam UseSigmoid() {
  return {.name = "use_sigmoid",
          .value = true,
          .only_default = "YOLOX scores every class by its own sigmoid; use true"};
}

}  // namespace yoake::trainer
