#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "trainer/assign/assigner.h"
#include "trainer/config/train_config.h"
#include "trainer/losses/loss.h"
#include "trainer/losses/loss_config.h"

namespace yoake::trainer {

// One image's truth: float32 [N, 5] on the CPU, rows class, cx, cy, w, h in input pixels; N may be 0.
using Targets = at::Tensor;

struct LossTerms {
  at::Tensor total;                      // Scalar to call backward() on: the sum of the four.
  std::map<LossRole, at::Tensor> parts;  // Scalars, those that are in the total.
  double bbox = 0;                       // Each already weighted and divided, as it enters the total.
  double obj = 0;
  double cls = 0;
  double l1 = 0;
  std::int64_t num_pos = 0;  // Positive anchors in the batch (0 leaves the objectness term alone).
};

// mmdetection's YOLOX head (mmdet/models/dense_heads/yolox_head.py): each term is its loss with its own
// reduction and weight, divided by max(num_pos, 1). Objectness runs over all anchors; boxes, classes and L1
// over positives; class targets are one-hot times IoU. With reduction "sum" these are Megvii's numbers;
// "mean" divides twice, as mmdetection does (see EffectiveWeights).
class YoloxLoss {
 public:
  YoloxLoss(const LossesConfig& losses, const AssignerConfig& assigner, const LossContext& context);

  // Where curves among the parameters are read; a fraction within an epoch.
  void SetEpoch(double epoch);

  // raw: the head's three levels, any device. targets: one per image. Throws Error{kData} on a label that is
  // not a class. Not thread-safe.
  LossTerms operator()(const std::vector<at::Tensor>& raw, const std::vector<Targets>& targets, bool use_l1);

  // What the losses remember from step to step, e.g. "cls.positive_gradient": to be saved and resumed from.
  std::map<std::string, at::Tensor> State();
  void LoadState(const std::map<std::string, at::Tensor>& state);

 private:
  int num_classes_;
  double label_smoothing_;
  std::unique_ptr<Assigner> assigner_;
  Loss bbox_;
  Loss obj_;
  Loss cls_;
  Loss l1_;
};

// What reduction "mean" does to a term in this head, one warning a term, e.g. "loss.cls: reduction \"mean\"
// ... effective weight 0.0025 ..."; empty when every term says "sum". `num_pos` is an example count of
// positives.
std::vector<std::string> EffectiveWeights(const LossesConfig& losses, int num_classes, int input_size,
                                          int batch, int num_pos = 100);

}  // namespace yoake::trainer
