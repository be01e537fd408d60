#include "trainer/losses/loss.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/did_you_mean.h"
#include "core/error.h"

namespace yoake::trainer {
namespace {

// Values by category against the model's categories.
void CheckCategories(const LossConfig& config, const std::vector<std::string>& categories) {
  for (const auto& [name, value] : config.params) {
    const std::string where = std::string("loss.") + NameOf(config.role) + "." + name;
    if (value.is_array() && value.size() != categories.size()) {
      throw Error(ErrorKind::kConfig,
                  fmt::format("{} values for {} categories ({})", value.size(), categories.size(),
                              fmt::join(categories, ", ")),
                  where);
    }
    if (!value.is_object() || value.contains("epochs")) continue;
    for (const auto& [category, unused] : value.items()) {
      if (std::find(categories.begin(), categories.end(), category) != categories.end()) continue;
      throw Error(ErrorKind::kConfig, "no category '" + category + "'" + DidYouMean(category, categories),
                  where);
    }
  }
}

}  // namespace

Loss::Loss(const LossConfig& config, LossContext context)
    : config_(config),
      context_(std::move(context)),
      formula_(FindLossType(config.type)->make(config)),
      mean_over_rows_(FindLossType(config.type)->mean_over_rows),
      mean_(config.Text("reduction") == "mean") {
  if (config_.role == LossRole::kObj) context_.categories = {"objectness"};
  CheckCategories(config_, context_.categories);
}

at::Tensor Loss::operator()(const at::Tensor& pred, const at::Tensor& target) {
  const LossInput input(pred, target, config_, epoch_, context_, &state_);
  const at::Tensor loss = formula_(input);
  const at::Tensor weight = input.PerClass("loss_weight");
  const at::Tensor sum = weight.dim() == 0 ? loss.sum() * weight : (loss * weight).sum();
  const std::int64_t count = mean_over_rows_ ? pred.size(0) : loss.numel();
  return mean_ && count > 0 ? sum / static_cast<double>(count) : sum;
}

}  // namespace yoake::trainer
