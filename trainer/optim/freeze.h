#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

namespace yoake::trainer {

// Parts of a model that stay as they are, by the beginning of their names: "backbone" (with the neck),
// "backbone.backbone" (without), "backbone.backbone.stem".

// Their parameters ask for no gradient. Throws Error{kConfig} at "freeze" for a beginning that fits none.
void FreezeParameters(torch::nn::Module& module, const std::vector<std::string>& beginnings);

// Their BatchNorms use and keep the statistics they have; to be called after train().
void FreezeStatistics(torch::nn::Module& module, const std::vector<std::string>& beginnings);

}  // namespace yoake::trainer
