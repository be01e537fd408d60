#include "trainer/optim/freeze.h"

#include "core/did_you_mean.h"
#include "core/error.h"

namespace yoake::trainer {
namespace {

// "backbone" begins "backbone.x" and "backbone", not "backbones".
bool Begins(const std::string& name, const std::string& beginning) {
  return name.starts_with(beginning) && (name.size() == beginning.size() || name[beginning.size()] == '.');
}

}  // namespace

void FreezeParameters(torch::nn::Module& module, const std::vector<std::string>& beginnings) {
  for (const std::string& beginning : beginnings) {
    bool any = false;
    for (auto& item : module.named_parameters()) {
      if (!Begins(item.key(), beginning)) continue;
      item.value().set_requires_grad(false);
      any = true;
    }
    if (any) continue;
    std::vector<std::string> names;
    for (const auto& item : module.named_modules("", /*include_self=*/false)) names.push_back(item.key());
    throw Error(ErrorKind::kConfig,
                "no part of the model is called '" + beginning + "'" + DidYouMean(beginning, names),
                "freeze");
  }
}

void FreezeStatistics(torch::nn::Module& module, const std::vector<std::string>& beginnings) {
  for (const auto& item : module.named_modules("", /*include_self=*/false)) {
    for (const std::string& beginning : beginnings) {
      if (Begins(item.key(), beginning)) item.value()->eval();
    }
  }
}

}  // namespace yoake::trainer
