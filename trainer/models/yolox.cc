#include "trainer/models/yolox.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>

#include <array>
#include <cmath>
#include <string>

#include "core/error.h"
#include "core/rng.h"
#include "trainer/models/batch_norm_silu.h"

namespace yoake::trainer {
namespace {

using torch::nn::Module;

// Holds a convolution's numbers under Megvii's names; MakeYolox fills them.
struct ConvParameters : Module {
  ConvParameters(int in, int out, int kernel, int groups, bool has_bias) {
    weight = register_parameter(
        "weight", at::zeros({out, in / groups, kernel, kernel}).contiguous(at::MemoryFormat::ChannelsLast));
    if (has_bias) bias = register_parameter("bias", at::zeros({out}));
  }
  at::Tensor weight;
  at::Tensor bias;
};

struct BatchNormParameters : Module {
  explicit BatchNormParameters(int channels) {
    weight = register_parameter("weight", at::ones({channels}));
    bias = register_parameter("bias", at::zeros({channels}));
    running_mean = register_buffer("running_mean", at::zeros({channels}));
    running_var = register_buffer("running_var", at::ones({channels}));
    num_batches_tracked = register_buffer("num_batches_tracked", at::zeros({}, at::kLong));
  }
  at::Tensor weight, bias, running_mean, running_var, num_batches_tracked;
};

// One thread and a batch below 16 make LibTorch take 1x1 convolutions from oneDNN to BLAS, whose kernels are
// slower on channels_last and depend on what OpenBLAS thinks of the CPU; here oneDNN keeps them.
at::Tensor Convolve(const at::Tensor& x, const at::Tensor& weight, std::int64_t stride, std::int64_t groups) {
  const std::int64_t padding = (weight.size(2) - 1) / 2;
  if (x.device().is_cpu() && x.scalar_type() == at::kFloat && at::hasMKLDNN()) {
    return at::mkldnn_convolution(x, weight, {}, {padding, padding}, {stride, stride}, {1, 1}, groups);
  }
  return at::conv2d(x, weight, {}, stride, padding, 1, groups);
}

struct Block : Module {
  virtual at::Tensor forward(const at::Tensor& x) = 0;
};

// Convolution, BatchNorm, SiLU (Megvii's BaseConv).
struct ConvBlock : Block {
  ConvBlock(int in, int out, int kernel, int stride_in = 1, int groups_in = 1)
      : stride(stride_in), groups(groups_in) {
    conv = register_module("conv", std::make_shared<ConvParameters>(in, out, kernel, groups, false));
    bn = register_module("bn", std::make_shared<BatchNormParameters>(out));
  }
  at::Tensor forward(const at::Tensor& x) override {
    const at::Tensor y = Convolve(x, conv->weight, stride, groups);
    if (is_training()) bn->num_batches_tracked.add_(1);
    return BatchNormSilu(y, bn->weight, bn->bias, bn->running_mean, bn->running_var,
                         {.training = is_training(), .momentum = kBatchNormMomentum, .eps = kBatchNormEps});
  }
  int stride;
  int groups;
  std::shared_ptr<ConvParameters> conv;
  std::shared_ptr<BatchNormParameters> bn;
};

// Depthwise, then pointwise (Megvii's DWConv).
struct SeparableBlock : Block {
  SeparableBlock(int in, int out, int kernel, int stride) {
    dconv = register_module("dconv", std::make_shared<ConvBlock>(in, in, kernel, stride, in));
    pconv = register_module("pconv", std::make_shared<ConvBlock>(in, out, 1));
  }
  at::Tensor forward(const at::Tensor& x) override { return pconv->forward(dconv->forward(x)); }
  std::shared_ptr<ConvBlock> dconv, pconv;
};

std::shared_ptr<Block> MakeConv(int in, int out, int kernel, int stride, bool depthwise) {
  if (depthwise) return std::make_shared<SeparableBlock>(in, out, kernel, stride);
  return std::make_shared<ConvBlock>(in, out, kernel, stride);
}

struct Focus : Block {
  Focus(int in, int out, int kernel) {
    conv = register_module("conv", std::make_shared<ConvBlock>(4 * in, out, kernel));
  }
  // Every second pixel into channels: top left, bottom left, top right, bottom right.
  at::Tensor forward(const at::Tensor& x) override {
    const auto part = [&](std::int64_t row, std::int64_t column) {
      return x.slice(2, row, x.size(2), 2).slice(3, column, x.size(3), 2);
    };
    const at::Tensor parts = at::cat({part(0, 0), part(1, 0), part(0, 1), part(1, 1)}, 1);
    return conv->forward(parts.contiguous(at::MemoryFormat::ChannelsLast));
  }
  std::shared_ptr<ConvBlock> conv;
};

struct Bottleneck : Block {
  Bottleneck(int channels, bool shortcut_in, bool depthwise) : shortcut(shortcut_in) {
    conv1 = register_module("conv1", std::make_shared<ConvBlock>(channels, channels, 1));
    conv2 = register_module("conv2", MakeConv(channels, channels, 3, 1, depthwise));
  }
  at::Tensor forward(const at::Tensor& x) override {
    const at::Tensor y = conv2->forward(conv1->forward(x));
    return shortcut ? y + x : y;
  }
  bool shortcut;
  std::shared_ptr<ConvBlock> conv1;
  std::shared_ptr<Block> conv2;
};

// A list of blocks under the names 0, 1, ...
struct Chain : Block {
  explicit Chain(std::vector<std::shared_ptr<Block>> blocks_in) : blocks(std::move(blocks_in)) {
    for (std::size_t i = 0; i < blocks.size(); ++i) register_module(std::to_string(i), blocks[i]);
  }
  at::Tensor forward(const at::Tensor& x) override {
    at::Tensor y = x;
    for (const auto& block : blocks) y = block->forward(y);
    return y;
  }
  std::vector<std::shared_ptr<Block>> blocks;
};

struct CspLayer : Block {
  CspLayer(int in, int out, int count, bool shortcut, bool depthwise) {
    const int hidden = out / 2;
    conv1 = register_module("conv1", std::make_shared<ConvBlock>(in, hidden, 1));
    conv2 = register_module("conv2", std::make_shared<ConvBlock>(in, hidden, 1));
    conv3 = register_module("conv3", std::make_shared<ConvBlock>(2 * hidden, out, 1));
    std::vector<std::shared_ptr<Block>> blocks;
    for (int i = 0; i < count; ++i)
      blocks.push_back(std::make_shared<Bottleneck>(hidden, shortcut, depthwise));
    m = register_module("m", std::make_shared<Chain>(std::move(blocks)));
  }
  at::Tensor forward(const at::Tensor& x) override {
    const at::Tensor deep = m->forward(conv1->forward(x));
    return conv3->forward(at::cat({deep, conv2->forward(x)}, 1));
  }
  std::shared_ptr<ConvBlock> conv1, conv2, conv3;
  std::shared_ptr<Chain> m;
};

// Pools of 5, 9 and 13; the larger ones are the smaller ones pooled by 5 again, which gives the same maxima.
struct SppBlock : Block {
  SppBlock(int in, int out) {
    conv1 = register_module("conv1", std::make_shared<ConvBlock>(in, in / 2, 1));
    conv2 = register_module("conv2", std::make_shared<ConvBlock>(in / 2 * 4, out, 1));
  }
  at::Tensor forward(const at::Tensor& x) override {
    const auto pool = [](const at::Tensor& y) { return at::max_pool2d(y, {5, 5}, {1, 1}, {2, 2}); };
    const at::Tensor y = conv1->forward(x);
    const at::Tensor by5 = pool(y);
    const at::Tensor by9 = pool(by5);
    return conv2->forward(at::cat({y, by5, by9, pool(by9)}, 1));
  }
  std::shared_ptr<ConvBlock> conv1, conv2;
};

int Channels(double width, int channels) { return static_cast<int>(width * channels); }

// Rounds half to even as Python's round().
int Repeats(double depth) { return static_cast<int>(std::nearbyint(depth * 3)); }

struct Darknet : Module {
  explicit Darknet(const YoloxShape& shape) {
    const int base = Channels(shape.width, 64);
    const int depth = std::max(Repeats(shape.depth), 1);
    stem = register_module("stem", std::make_shared<Focus>(3, base, 3));
    const auto stage = [&](int in, int count) {
      return std::vector<std::shared_ptr<Block>>{
          MakeConv(in, 2 * in, 3, 2, shape.depthwise),
          std::make_shared<CspLayer>(2 * in, 2 * in, count, true, shape.depthwise)};
    };
    dark2 = register_module("dark2", std::make_shared<Chain>(stage(base, depth)));
    dark3 = register_module("dark3", std::make_shared<Chain>(stage(2 * base, 3 * depth)));
    dark4 = register_module("dark4", std::make_shared<Chain>(stage(4 * base, 3 * depth)));
    dark5 = register_module(
        "dark5", std::make_shared<Chain>(std::vector<std::shared_ptr<Block>>{
                     MakeConv(8 * base, 16 * base, 3, 2, shape.depthwise),
                     std::make_shared<SppBlock>(16 * base, 16 * base),
                     std::make_shared<CspLayer>(16 * base, 16 * base, depth, false, shape.depthwise)}));
  }
  // Strides 8, 16, 32.
  std::array<at::Tensor, 3> Run(const at::Tensor& images) {
    const at::Tensor x8 = dark3->forward(dark2->forward(stem->forward(images)));
    const at::Tensor x16 = dark4->forward(x8);
    return {x8, x16, dark5->forward(x16)};
  }
  std::shared_ptr<Focus> stem;
  std::shared_ptr<Chain> dark2, dark3, dark4, dark5;
};

at::Tensor Upsample(const at::Tensor& x) { return at::upsample_nearest2d(x, {x.size(2) * 2, x.size(3) * 2}); }

}  // namespace

// CSPDarknet and PAFPN; Megvii nests the first in the second, both called "backbone".
struct YoloxBackbone : Module {
  explicit YoloxBackbone(const YoloxShape& shape) {
    const int c8 = Channels(shape.width, 256);
    const int c16 = Channels(shape.width, 512);
    const int c32 = Channels(shape.width, 1024);
    const auto csp = [&](int in, int out) {
      return std::make_shared<CspLayer>(in, out, Repeats(shape.depth), false, shape.depthwise);
    };
    backbone = register_module("backbone", std::make_shared<Darknet>(shape));
    lateral_conv0 = register_module("lateral_conv0", std::make_shared<ConvBlock>(c32, c16, 1));
    C3_p4 = register_module("C3_p4", csp(2 * c16, c16));
    reduce_conv1 = register_module("reduce_conv1", std::make_shared<ConvBlock>(c16, c8, 1));
    C3_p3 = register_module("C3_p3", csp(2 * c8, c8));
    bu_conv2 = register_module("bu_conv2", MakeConv(c8, c8, 3, 2, shape.depthwise));
    C3_n3 = register_module("C3_n3", csp(2 * c8, c16));
    bu_conv1 = register_module("bu_conv1", MakeConv(c16, c16, 3, 2, shape.depthwise));
    C3_n4 = register_module("C3_n4", csp(2 * c16, c32));
  }
  std::vector<at::Tensor> Run(const at::Tensor& images) {
    const auto [x8, x16, x32] = backbone->Run(images);
    const at::Tensor top = lateral_conv0->forward(x32);
    const at::Tensor middle = reduce_conv1->forward(C3_p4->forward(at::cat({Upsample(top), x16}, 1)));
    const at::Tensor out8 = C3_p3->forward(at::cat({Upsample(middle), x8}, 1));
    const at::Tensor out16 = C3_n3->forward(at::cat({bu_conv2->forward(out8), middle}, 1));
    const at::Tensor out32 = C3_n4->forward(at::cat({bu_conv1->forward(out16), top}, 1));
    return {out8, out16, out32};
  }
  std::shared_ptr<Darknet> backbone;
  std::shared_ptr<ConvBlock> lateral_conv0, reduce_conv1;
  std::shared_ptr<CspLayer> C3_p4, C3_p3, C3_n3, C3_n4;
  std::shared_ptr<Block> bu_conv1, bu_conv2;
};

// One level's branches; registered in the head by kind, then level, as Megvii does.
struct HeadLevel {
  std::shared_ptr<ConvBlock> stem;
  std::shared_ptr<Chain> cls_convs, reg_convs;
  std::shared_ptr<ConvParameters> cls_preds, reg_preds, obj_preds;
};

struct YoloxHead : Module {
  YoloxHead(const YoloxShape& shape, int num_classes) {
    const int hidden = Channels(shape.width, 256);
    const auto branch = [&] {
      return std::make_shared<Chain>(std::vector<std::shared_ptr<Block>>{
          MakeConv(hidden, hidden, 3, 1, shape.depthwise), MakeConv(hidden, hidden, 3, 1, shape.depthwise)});
    };
    for (const int channels : {256, 512, 1024}) {
      levels.push_back({std::make_shared<ConvBlock>(Channels(shape.width, channels), hidden, 1), branch(),
                        branch(), std::make_shared<ConvParameters>(hidden, num_classes, 1, 1, true),
                        std::make_shared<ConvParameters>(hidden, 4, 1, 1, true),
                        std::make_shared<ConvParameters>(hidden, 1, 1, 1, true)});
    }
    Register("cls_convs", &HeadLevel::cls_convs);
    Register("reg_convs", &HeadLevel::reg_convs);
    Register("cls_preds", &HeadLevel::cls_preds);
    Register("reg_preds", &HeadLevel::reg_preds);
    Register("obj_preds", &HeadLevel::obj_preds);
    Register("stems", &HeadLevel::stem);
  }

  template <typename Part>
  void Register(const std::string& name, std::shared_ptr<Part> HeadLevel::*part) {
    auto list = register_module(name, std::make_shared<Module>());
    for (std::size_t k = 0; k < levels.size(); ++k) list->register_module(std::to_string(k), levels[k].*part);
  }

  std::vector<at::Tensor> Run(const std::vector<at::Tensor>& features) {
    std::vector<at::Tensor> raw;
    for (std::size_t k = 0; k < levels.size(); ++k) {
      const HeadLevel& level = levels[k];
      const at::Tensor x = level.stem->forward(features[k]);
      const at::Tensor cls = level.cls_convs->forward(x);
      const at::Tensor reg = level.reg_convs->forward(x);
      // Boxes and objectness read the same features: one convolution serves both.
      const at::Tensor reg_obj = at::conv2d(reg, at::cat({level.reg_preds->weight, level.obj_preds->weight}),
                                            at::cat({level.reg_preds->bias, level.obj_preds->bias}));
      raw.push_back(at::cat({reg_obj, at::conv2d(cls, level.cls_preds->weight, level.cls_preds->bias)}, 1));
    }
    return raw;
  }
  std::vector<HeadLevel> levels;
};

YoloxShape ResolveShape(const ModelConfig& config) {
  if (config.type != "YOLOX") {
    throw Error(ErrorKind::kConfig, "unknown model \"" + config.type + "\"; known: YOLOX", "model.type");
  }
  struct Named {
    const char* size;
    YoloxShape shape;
  };
  static constexpr Named kSizes[] = {{"nano", {.33, .25, true}}, {"tiny", {.33, .375, false}},
                                     {"s", {.33, .5, false}},    {"m", {.67, .75, false}},
                                     {"l", {1, 1, false}},       {"x", {1.33, 1.25, false}}};
  const YoloxShape* found = nullptr;
  for (const Named& named : kSizes) {
    if (config.size == named.size) found = &named.shape;
  }
  if (found == nullptr) {
    throw Error(ErrorKind::kConfig, "unknown size \"" + config.size + "\"; known: nano, tiny, s, m, l, x",
                "model.size");
  }
  const YoloxShape shape{config.depth.value_or(found->depth), config.width.value_or(found->width),
                         config.depthwise.value_or(found->depthwise)};
  if (!(shape.depth > 0 && shape.depth <= 4)) {
    throw Error(ErrorKind::kConfig, "must be in (0, 4]", "model.depth");
  }
  if (!(shape.width >= 1 / 32. && shape.width <= 4)) {
    throw Error(ErrorKind::kConfig, "must be in [0.03125, 4]", "model.width");
  }
  return shape;
}

// torch's default for convolutions: uniform in +-1/sqrt(fan_in), biases too.
static void Initialise(Module& model, std::uint64_t seed) {
  const at::NoGradGuard no_grad;
  const RandomStream weights = RandomStream(seed).Split("weights");
  const float prior = -std::log((1 - .01F) / .01F);
  float bound = 0;  // Of the weight that comes before its bias.
  for (auto& item : model.named_parameters()) {
    const std::string& name = item.key();
    at::Tensor& parameter = item.value();
    if (name.find(".bn.") != std::string::npos) continue;
    const bool score =
        name.find("cls_preds") != std::string::npos || name.find("obj_preds") != std::string::npos;
    if (score && parameter.dim() == 1) {
      parameter.fill_(prior);
      continue;
    }
    if (parameter.dim() == 4) {
      bound = 1 / std::sqrt(static_cast<float>(parameter.size(1) * parameter.size(2) * parameter.size(3)));
    }
    RandomStream stream = weights.Split(name);
    at::Tensor values = at::empty(parameter.sizes());
    auto* data = values.data_ptr<float>();
    for (std::int64_t i = 0; i < values.numel(); ++i)
      data[i] = static_cast<float>(stream.Uniform(-bound, bound));
    parameter.copy_(values);
  }
}

YoloxImpl::YoloxImpl(const YoloxShape& shape, int num_classes, std::uint64_t seed)
    : num_classes_(num_classes) {
  backbone_ = register_module("backbone", std::make_shared<YoloxBackbone>(shape));
  head_ = register_module("head", std::make_shared<YoloxHead>(shape, num_classes));
  Initialise(*this, seed);
}

YoloxImpl::~YoloxImpl() = default;

std::vector<at::Tensor> YoloxImpl::Head(const std::vector<at::Tensor>& features) {
  return head_->Run(features);
}

std::vector<at::Tensor> YoloxImpl::forward(const at::Tensor& images) { return Head(Features(images)); }

std::vector<at::Tensor> YoloxImpl::Features(const at::Tensor& images) { return backbone_->Run(images); }

Yolox MakeYolox(const ModelConfig& config, int num_classes, std::uint64_t seed) {
  if (num_classes < 1) throw Error(ErrorKind::kData, "a detector needs at least one category", "data.train");
  return Yolox(std::make_shared<YoloxImpl>(ResolveShape(config), num_classes, seed));
}

}  // namespace yoake::trainer
