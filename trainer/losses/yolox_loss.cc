#include "trainer/losses/yolox_loss.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "trainer/models/decode.h"

namespace yoake::trainer {
namespace {

// The batch's positives, image after image, on the CPU.
struct Positives {
  std::vector<std::int64_t> rows;  // Into [B*A].
  std::vector<float> boxes;        // [P, 4] cx, cy, w, h of the target.
  std::vector<float> points;       // [P, 3] cell and stride.
  std::vector<std::int64_t> labels;
  std::vector<float> ious;
};

at::Tensor OnDevice(std::vector<float>& values, std::int64_t columns, const at::Tensor& like) {
  const auto rows = static_cast<std::int64_t>(values.size()) / columns;
  return at::from_blob(values.data(), {rows, columns}, at::kFloat)
      .to(like.device(), like.scalar_type(), /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor OnDevice(std::vector<std::int64_t>& values, const at::Tensor& like) {
  return at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())}, at::kLong)
      .to(like.device(), at::kLong, /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor ToCorners(const at::Tensor& cxcywh) {
  const at::Tensor centre = cxcywh.slice(1, 0, 2);
  const at::Tensor half = cxcywh.slice(1, 2, 4) / 2;
  return at::cat({centre - half, centre + half}, 1);
}

// Contiguous float32 rows; an image without boxes may come in any shape that holds nothing.
std::vector<at::Tensor> CheckTargets(const std::vector<Targets>& targets, std::int64_t batch,
                                     int num_classes) {
  if (static_cast<std::int64_t>(targets.size()) != batch) {
    throw Error(ErrorKind::kInternal, fmt::format("{} images but targets of {}", batch, targets.size()),
                "YoloxLoss");
  }
  std::vector<at::Tensor> checked;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    checked.push_back(targets[i].to(at::kCPU, at::kFloat).reshape({-1, 5}).contiguous());
    const auto* row = checked.back().data_ptr<float>();
    for (std::int64_t t = 0; t < checked.back().size(0); ++t, row += 5) {
      if (!(row[0] >= 0 && row[0] < static_cast<float>(num_classes))) {
        throw Error(ErrorKind::kData,
                    fmt::format("label {} is not one of the model's {} categories", row[0], num_classes),
                    fmt::format("image {} of the batch, box {}", i, t));
      }
    }
  }
  return checked;
}

// rows: [B, A, 5+nc] raw.
Positives FindPositives(const Assigner& assigner, const at::Tensor& rows,
                        const std::vector<AnchorPoint>& points, const std::vector<at::Tensor>& targets) {
  const at::Tensor logits = rows.detach().to(at::kCPU, at::kFloat).contiguous();
  const at::Tensor boxes = DecodeBoxes(logits.slice(2, 0, 4), points).contiguous();
  const std::int64_t batch = rows.size(0);
  const std::int64_t anchors = rows.size(1);
  const std::int64_t columns = rows.size(2);
  std::vector<Assignment> assignments(batch);
  at::parallel_for(0, batch, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) {
      assignments[b] = assigner.Assign({.boxes = boxes.data_ptr<float>() + b * anchors * 4,
                                        .logits = logits.data_ptr<float>() + b * anchors * columns + 4,
                                        .logit_stride = columns,
                                        .num_anchors = anchors,
                                        .num_classes = static_cast<int>(columns) - 5,
                                        .targets = targets[b].data_ptr<float>(),
                                        .num_targets = targets[b].size(0)},
                                       points);
    }
  });
  Positives positives;
  for (std::int64_t b = 0; b < batch; ++b) {
    const Assignment& found = assignments[b];
    for (std::size_t i = 0; i < found.anchors.size(); ++i) {
      const AnchorPoint& point = points[found.anchors[i]];
      const auto* target = targets[b].data_ptr<float>() + 5 * found.targets[i];
      positives.rows.push_back(b * anchors + found.anchors[i]);
      positives.points.insert(positives.points.end(), {point.x, point.y, point.stride});
      positives.boxes.insert(positives.boxes.end(), target + 1, target + 5);
      positives.labels.push_back(static_cast<std::int64_t>(target[0]));
    }
    positives.ious.insert(positives.ious.end(), found.ious.begin(), found.ious.end());
  }
  return positives;
}

}  // namespace

YoloxLoss::YoloxLoss(const LossesConfig& losses, const AssignerConfig& assigner, const LossContext& context)
    : num_classes_(static_cast<int>(context.categories.size())),
      label_smoothing_(losses.label_smoothing),
      assigner_(MakeAssigner(assigner)),
      bbox_(losses.bbox, context),
      obj_(losses.obj, context),
      cls_(losses.cls, context),
      l1_(losses.l1, context) {}

void YoloxLoss::SetEpoch(double epoch) {
  for (Loss* loss : {&bbox_, &obj_, &cls_, &l1_}) loss->SetEpoch(epoch);
}

std::map<std::string, at::Tensor> YoloxLoss::State() {
  std::map<std::string, at::Tensor> all;
  for (Loss* loss : {&bbox_, &obj_, &cls_, &l1_}) {
    for (const auto& [name, tensor] : loss->state()) all[loss->name() + "." + name] = tensor;
  }
  return all;
}

void YoloxLoss::LoadState(const std::map<std::string, at::Tensor>& state) {
  for (Loss* loss : {&bbox_, &obj_, &cls_, &l1_}) {
    const std::string prefix = loss->name() + ".";
    for (const auto& [name, tensor] : state) {
      if (name.starts_with(prefix)) loss->state()[name.substr(prefix.size())] = tensor.clone();
    }
  }
}

LossTerms YoloxLoss::operator()(const std::vector<at::Tensor>& raw, const std::vector<Targets>& targets,
                                bool use_l1) {
  const auto side = static_cast<int>(raw[0].size(3)) * kYoloxStrides[0];
  for (Loss* loss : {&bbox_, &obj_, &cls_, &l1_}) loss->SetInputSize(side);
  const at::Tensor rows = FlattenLevels(raw);
  Positives positives =
      FindPositives(*assigner_, rows, AnchorPoints(raw), CheckTargets(targets, rows.size(0), num_classes_));
  const at::Tensor index = OnDevice(positives.rows, rows);
  const at::Tensor boxes = OnDevice(positives.boxes, 4, rows);
  const at::Tensor points = OnDevice(positives.points, 3, rows);
  const at::Tensor cells = points.slice(1, 0, 2);
  const at::Tensor strides = points.slice(1, 2, 3);

  LossTerms terms;
  terms.num_pos = index.size(0);
  const double divisor = static_cast<double>(std::max<std::int64_t>(terms.num_pos, 1));

  const at::Tensor objectness = rows.select(2, 4).reshape({-1, 1});
  const at::Tensor obj_target = at::zeros_like(objectness).index_fill_(0, index, 1);
  const at::Tensor obj = obj_(objectness, obj_target) / divisor;

  // Without positives the sums below are over nothing: 0, still part of the graph.
  const at::Tensor chosen = rows.flatten(0, 1).index_select(0, index);
  const at::Tensor reg = chosen.slice(1, 0, 4);
  const at::Tensor decoded =
      at::cat({(reg.slice(1, 0, 2) + cells) * strides, reg.slice(1, 2, 4).exp() * strides}, 1);
  const at::Tensor bbox = bbox_(ToCorners(decoded), ToCorners(boxes)) / divisor;

  const at::Tensor one_hot =
      at::zeros({terms.num_pos, num_classes_}, rows.options())
          .scatter_(1, OnDevice(positives.labels, rows).unsqueeze(1), OnDevice(positives.ious, 1, rows));
  const at::Tensor smooth = one_hot * (1 - label_smoothing_) + label_smoothing_ / 2;
  const at::Tensor cls = cls_(chosen.slice(1, 5), smooth) / divisor;

  terms.total = bbox + obj + cls;
  terms.parts = {{LossRole::kBbox, bbox}, {LossRole::kObj, obj}, {LossRole::kCls, cls}};
  if (use_l1) {
    const at::Tensor l1_target =
        at::cat({boxes.slice(1, 0, 2) / strides - cells, (boxes.slice(1, 2, 4) / strides + 1e-8).log()}, 1);
    const at::Tensor l1 = l1_(reg, l1_target) / divisor;
    terms.total = terms.total + l1;
    terms.parts[LossRole::kL1] = l1;
    terms.l1 = l1.item<double>();
  }
  terms.bbox = bbox.item<double>();
  terms.obj = obj.item<double>();
  terms.cls = cls.item<double>();
  return terms;
}

std::vector<std::string> EffectiveWeights(const LossesConfig& losses, int num_classes, int input_size,
                                          int batch, int num_pos) {
  std::int64_t anchors = 0;
  for (const int stride : kYoloxStrides) anchors += std::int64_t{input_size / stride} * (input_size / stride);
  struct Term {
    const LossConfig& config;
    double rows;
    int columns;
    const char* divisor;
  };
  const double positives = std::max(num_pos, 1);
  const Term terms[] = {
      {losses.bbox, positives, losses.bbox.type.ends_with("L1Loss") ? 4 : 1, "the number of positives"},
      {losses.cls, positives, num_classes, "positives x categories"},
      {losses.obj, static_cast<double>(anchors * batch), 1, "images x anchors"},
      {losses.l1, positives, 4, "positives x 4"}};
  std::vector<std::string> lines;
  for (const Term& term : terms) {
    if (term.config.Text("reduction") != "mean") continue;
    const nlohmann::json& written = term.config.params.at("loss_weight");
    const double weight = written.is_number() ? written.get<double>() : 1;
    const bool by_rows = FindLossType(term.config.type)->mean_over_rows;
    const double elements = term.rows * (by_rows ? 1 : term.columns);
    lines.push_back(fmt::format(
        "loss.{}: reduction \"mean\" averages over {} before the head divides by the number of "
        "positives: with {} positives in a batch of {} the weight {} acts like {:.3g}{} under \"sum\". YOLOX "
        "configurations say reduction \"sum\".",
        NameOf(term.config.role), by_rows ? "rows" : term.divisor, num_pos, batch, written.dump(),
        weight / elements, written.is_number() ? "" : " times that"));
  }
  return lines;
}

}  // namespace yoake::trainer
