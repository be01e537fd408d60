#include "trainer/onnx/yolox_graph.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <array>
#include <map>

#include "core/error.h"
#include "trainer/models/decode.h"
#include "trainer/models/yolox.h"

namespace yoake::trainer {
namespace {

using Value = std::string;  // A tensor of the graph, by name.

struct Convolution {
  at::Tensor weight;  // [out, in / groups, k, k]
  at::Tensor bias;    // [out]
  std::int64_t stride = 1;
  std::int64_t groups = 1;
};

class YoloxGraphWriter {
 public:
  YoloxGraphWriter(const StateDict& state, const OnnxOptions& options)
      : weights_(state.begin(), state.end()), options_(options) {}

  OnnxGraph Write() {
    const OnnxDim batch = options_.batch ? OnnxDim(std::int64_t{*options_.batch}) : OnnxDim("batch");
    const std::int64_t side = options_.input_size;
    const Value images = graph_.Input("images", {batch, std::int64_t{3}, side, side});
    const Value output = Decoded(Head(Neck(Darknet(images))));
    graph_.Output(output, {batch, static_cast<std::int64_t>(points_.size()), 5 + NumClasses()});
    return std::move(graph_);
  }

 private:
  using Levels = std::array<Value, 3>;  // Strides 8, 16, 32.

  bool Has(const std::string& key) const { return weights_.contains(key); }

  at::Tensor Weight(const std::string& key) const {
    const auto found = weights_.find(key);
    if (found == weights_.end()) throw Error(ErrorKind::kData, "\"" + key + "\" is missing", "state dict");
    return found->second.detach().to(at::kCPU, at::kFloat);
  }

  std::int64_t NumClasses() const { return Weight("head.cls_preds.0.bias").size(0); }

  // Convolution and BatchNorm as one: w * g and b - mean * g, with g = gamma / sqrt(var + eps).
  Convolution Folded(const std::string& path) const {
    const auto norm = [&](const char* name) { return Weight(path + ".bn." + name).to(at::kDouble); };
    const at::Tensor gain = norm("weight") / (norm("running_var") + kBatchNormEps).sqrt();
    const at::Tensor weight = Weight(path + ".conv.weight").to(at::kDouble) * gain.view({-1, 1, 1, 1});
    const at::Tensor bias = norm("bias") - norm("running_mean") * gain;
    return {weight.to(at::kFloat), bias.to(at::kFloat)};
  }

  Value Conv(const Value& name, const Value& x, const Convolution& convolution) {
    const std::int64_t kernel = convolution.weight.size(2);
    const std::int64_t padding = (kernel - 1) / 2;
    return graph_.Node("Conv", name,
                       {x, graph_.Constant(name + ".weight", convolution.weight),
                        graph_.Constant(name + ".bias", convolution.bias)},
                       {{"kernel_shape", std::vector{kernel, kernel}},
                        {"strides", std::vector{convolution.stride, convolution.stride}},
                        {"pads", std::vector{padding, padding, padding, padding}},
                        {"group", convolution.groups}});
  }

  Value Activated(const std::string& path, const Value& x, const Convolution& convolution) {
    const Value y = Conv(path + ".conv", x, convolution);
    return graph_.Node("Mul", path, {y, graph_.Node("Sigmoid", path + ".sigmoid", {y})});
  }

  // A convolution with BatchNorm and SiLU, or a depthwise and a pointwise one.
  Value Block(const std::string& path, const Value& x, std::int64_t stride = 1) {
    Value y = x;
    std::string last = path;
    if (Has(path + ".dconv.conv.weight")) {
      Convolution depthwise = Folded(path + ".dconv");
      depthwise.stride = stride;
      depthwise.groups = depthwise.weight.size(0);
      y = Activated(path + ".dconv", x, depthwise);
      last = path + ".pconv";
      stride = 1;
    }
    Convolution convolution = Folded(last);
    convolution.stride = stride;
    return Activated(last, y, convolution);
  }

  // The slices put pixel (2 y + dy, 2 x + dx) of channel c into channel 3 (dy + 2 dx) + c of (y, x).
  Value Focus(const std::string& path, const Value& images) {
    Convolution convolution = Folded(path + ".conv");
    const std::int64_t out = convolution.weight.size(0);
    const std::int64_t kernel = convolution.weight.size(2);
    convolution.weight = convolution.weight.reshape({out, 2, 2, 3, kernel, kernel})
                             .permute({0, 3, 4, 2, 5, 1})
                             .reshape({out, 3, 2 * kernel, 2 * kernel});
    convolution.stride = 2;
    return Activated(path + ".conv", images, convolution);
  }

  Value Concat(const Value& name, const std::vector<Value>& parts, std::int64_t axis = 1) {
    return graph_.Node("Concat", name, parts, {{"axis", axis}});
  }

  Value Csp(const std::string& path, const Value& x, bool shortcut) {
    Value deep = Block(path + ".conv1", x);
    for (int i = 0;; ++i) {
      const std::string bottleneck = fmt::format("{}.m.{}", path, i);
      if (!Has(bottleneck + ".conv1.conv.weight")) break;
      const Value y = Block(bottleneck + ".conv2", Block(bottleneck + ".conv1", deep));
      deep = shortcut ? graph_.Node("Add", bottleneck, {y, deep}) : y;
    }
    return Block(path + ".conv3", Concat(path + ".concat", {deep, Block(path + ".conv2", x)}));
  }

  Value Spp(const std::string& path, const Value& x) {
    std::vector<Value> pools = {Block(path + ".conv1", x)};
    for (const char* name : {".pool5", ".pool9", ".pool13"}) {  // Each by 5 of the one before.
      pools.push_back(graph_.Node("MaxPool", path + name, {pools.back()},
                                  {{"kernel_shape", std::vector<std::int64_t>{5, 5}},
                                   {"strides", std::vector<std::int64_t>{1, 1}},
                                   {"pads", std::vector<std::int64_t>{2, 2, 2, 2}}}));
    }
    return Block(path + ".conv2", Concat(path + ".concat", pools));
  }

  Levels Darknet(const Value& images) {
    const std::string darknet = "backbone.backbone.";
    const auto stage = [&](const std::string& name, const Value& x) {
      return Csp(darknet + name + ".1", Block(darknet + name + ".0", x, 2), true);
    };
    const Value x8 = stage("dark3", stage("dark2", Focus(darknet + "stem", images)));
    const Value x16 = stage("dark4", x8);
    const Value pooled = Spp(darknet + "dark5.1", Block(darknet + "dark5.0", x16, 2));
    return {x8, x16, Csp(darknet + "dark5.2", pooled, false)};
  }

  Levels Neck(const Levels& x) {
    const Value scales = graph_.Constant("upsample.scales", at::tensor({1.F, 1.F, 2.F, 2.F}));
    const auto upsampled = [&](const Value& y) {
      return graph_.Node(
          "Resize", y + ".upsampled", {y, "", scales},
          {{"mode", "nearest"}, {"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}});
    };
    const auto joined = [&](const std::string& path, const Value& a, const Value& b) {
      return Csp(path, Concat(path + ".input", {a, b}), false);
    };
    const Value top = Block("backbone.lateral_conv0", x[2]);
    const Value middle = Block("backbone.reduce_conv1", joined("backbone.C3_p4", upsampled(top), x[1]));
    const Value out8 = joined("backbone.C3_p3", upsampled(middle), x[0]);
    const Value out16 = joined("backbone.C3_n3", Block("backbone.bu_conv2", out8, 2), middle);
    return {out8, out16, joined("backbone.C3_n4", Block("backbone.bu_conv1", out16, 2), top)};
  }

  // [B, 5 + nc, A], nothing decoded.
  Value Head(const Levels& features) {
    std::vector<Value> rows;
    for (std::size_t k = 0; k < features.size(); ++k) {
      const std::string level = fmt::format(".{}", k);
      const Value x = Block("head.stems" + level, features[k]);
      const auto branch = [&](const std::string& name) {
        return Block("head." + name + level + ".1", Block("head." + name + level + ".0", x));
      };
      const auto predictor = [&](const std::string& name) {
        const std::string path = "head." + name + level;
        return Convolution{Weight(path + ".weight"), Weight(path + ".bias")};
      };
      const Convolution reg = predictor("reg_preds");
      const Convolution obj = predictor("obj_preds");
      const Value reg_obj = Conv("head.reg_obj_preds" + level, branch("reg_convs"),
                                 {at::cat({reg.weight, obj.weight}), at::cat({reg.bias, obj.bias})});
      const Value cls = Conv("head.cls_preds" + level, branch("cls_convs"), predictor("cls_preds"));
      const std::int64_t cells = options_.input_size / kYoloxStrides[k];
      const Value raw = Concat("head" + level, {reg_obj, cls});
      const Value shape = graph_.Constant(raw + ".shape", {0, 5 + NumClasses(), cells * cells});
      rows.push_back(graph_.Node("Reshape", raw + ".rows", {raw, shape}));
    }
    return Concat("head.rows", rows, 2);
  }

  Value Rows(const Value& name, const Value& rows, std::int64_t begin, std::int64_t end) {
    return graph_.Node("Slice", name,
                       {rows, graph_.Constant(name + ".begin", {begin}),
                        graph_.Constant(name + ".end", {end}), graph_.Constant(name + ".axis", {1})});
  }

  // [B, A, 5 + nc]
  Value Decoded(const Value& rows) {
    const Value scores = graph_.Node("Sigmoid", "scores", {Rows("scores.logits", rows, 4, 5 + NumClasses())});
    std::vector<Value> parts;
    if (options_.decode) {
      // [2, A] each: OpenCV 4.6 does not repeat a constant over the batch that has an axis for it.
      const at::Tensor table = AnchorTable(points_).t();
      const Value cells = graph_.Constant("decode.cells", table.slice(0, 0, 2));
      const Value strides = graph_.Constant("decode.strides", table.slice(0, 2, 3).expand({2, -1}));
      const Value centre = graph_.Node("Add", "decode.shifted", {Rows("decode.xy", rows, 0, 2), cells});
      const Value size = graph_.Node("Exp", "decode.exp", {Rows("decode.wh", rows, 2, 4)});
      parts = {graph_.Node("Mul", "decode.centre", {centre, strides}),
               graph_.Node("Mul", "decode.size", {size, strides})};
    } else {
      parts = {Rows("boxes", rows, 0, 4)};
    }
    parts.push_back(scores);
    return graph_.Node("Transpose", "output", {Concat("columns", parts)},
                       {{"perm", std::vector<std::int64_t>{0, 2, 1}}});
  }

  std::map<std::string, at::Tensor> weights_;
  const OnnxOptions options_;
  const std::vector<AnchorPoint> points_ = AnchorPoints(options_.input_size);
  OnnxGraph graph_;
};

}  // namespace

OnnxGraph YoloxGraph(const StateDict& state, const OnnxOptions& options) {
  return YoloxGraphWriter(state, options).Write();
}

}  // namespace yoake::trainer
