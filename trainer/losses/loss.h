#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "trainer/train_config.h"

namespace yoake::trainer {

// A loss of matching elements: `pred` (logits where the type uses a sigmoid) against `target` of the same
// shape. Returns a scalar, reduced and weighted. Float32 or float64, differentiable in `pred`.
class ElementLoss {
 public:
  virtual ~ElementLoss() = default;
  virtual at::Tensor operator()(const at::Tensor& pred, const at::Tensor& target) const = 0;
};

// A loss of matching boxes: pred and target [N, 4] x1, y1, x2, y2 in input pixels. Scalar, reduced and
// weighted.
class BoxLoss {
 public:
  virtual ~BoxLoss() = default;
  virtual at::Tensor operator()(const at::Tensor& pred, const at::Tensor& target) const = 0;
};

// By mmdetection's type name, from the table in loss.cc. `where` is the configuration path for messages, e.g.
// "loss.cls". Throws Error{kConfig} with the known names when the type is unknown or of the other kind.
std::unique_ptr<ElementLoss> MakeElementLoss(const LossConfig& config, const std::string& where);
std::unique_ptr<BoxLoss> MakeBoxLoss(const LossConfig& config, const std::string& where);

std::vector<std::string> ElementLossNames();
std::vector<std::string> BoxLossNames();

}  // namespace yoake::trainer
