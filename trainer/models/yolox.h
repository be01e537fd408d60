#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "trainer/config/train_config.h"

namespace yoake::trainer {

inline constexpr double kBatchNormEps = 1e-3;
inline constexpr double kBatchNormMomentum = .03;

// The numbers that make a YOLOX: Megvii's multipliers over the "l" model.
struct YoloxShape {
  double depth = 0.33;
  double width = 0.25;
  bool depthwise = true;
};

// nano, tiny, s, m, l, x by `size`, each number replaced by the one given in `config`.
// Throws Error{kConfig} naming the field when type or size is unknown or a multiplier is not positive.
YoloxShape ResolveShape(const ModelConfig& config);

struct YoloxBackbone;  // CSPDarknet + PAFPN.
struct YoloxHead;

// YOLOX (Ge et al., 2021): CSPDarknet, PAFPN, decoupled anchor-free head at strides 8, 16, 32. Parameters and
// buffers carry Megvii's names, so that their state dicts load unchanged. BatchNorm has eps 1e-3, momentum
// .03. On the CPU float32 activations stay channels_last and BatchNorm + SiLU run fused
// (models/batch_norm_silu.h).
class YoloxImpl : public torch::nn::Module {
 public:
  YoloxImpl(const YoloxShape& shape, int num_classes, std::uint64_t seed);
  ~YoloxImpl() override;

  // images: [B, 3, S, S] BGR, 0..255, not normalised, S a multiple of 32.
  // Returns per level (strides 8, 16, 32) [B, 5+nc, H, W]: reg (4), obj (1), cls (nc), before sigmoid and
  // decoding.
  std::vector<at::Tensor> forward(const at::Tensor& images);

  // Its two halves: the three feature maps that the head reads, strides 8, 16, 32, and what it makes of them.
  std::vector<at::Tensor> Features(const at::Tensor& images);
  std::vector<at::Tensor> Head(const std::vector<at::Tensor>& features);

  int num_classes() const { return num_classes_; }

 private:
  int num_classes_;
  std::shared_ptr<YoloxBackbone> backbone_;
  std::shared_ptr<YoloxHead> head_;
};
TORCH_MODULE(Yolox);

// A freshly initialised network: torch's default convolution init, head biases at -log(99) so that training
// starts with scores of 0.01. `seed` alone decides the weights.
Yolox MakeYolox(const ModelConfig& config, int num_classes, std::uint64_t seed = 0);

}  // namespace yoake::trainer
