#include "trainer/assign/task_aligned.h"

#include <algorithm>
#include <cmath>

#include "trainer/assign/overlap.h"

namespace yoake::trainer {
namespace {

struct Ranked {
  double alignment;
  std::int64_t anchor;
  float iou;
};

bool HoldsCentre(const float* target, const AnchorPoint& point) {
  const float x = (point.x + .5F) * point.stride;
  const float y = (point.y + .5F) * point.stride;
  return std::abs(x - target[1]) < target[3] / 2 && std::abs(y - target[2]) < target[4] / 2;
}

}  // namespace

TaskAligned::TaskAligned(const AssignerConfig& config) : config_(config) {}

Assignment TaskAligned::Assign(const AssignInput& input, const std::vector<AnchorPoint>& points) const {
  constexpr std::int64_t kNobody = -1;
  std::vector<std::int64_t> taker(static_cast<std::size_t>(input.num_anchors), kNobody);
  std::vector<float> overlap(taker.size(), 0);
  for (std::int64_t t = 0; t < input.num_targets; ++t) {
    const float* target = input.targets + 5 * t;
    const auto label = static_cast<int>(target[0]);
    std::vector<Ranked> ranked;
    for (std::int64_t a = 0; a < input.num_anchors; ++a) {
      if (!HoldsCentre(target, points[static_cast<std::size_t>(a)])) continue;
      const float* logits = input.logits + a * input.logit_stride;
      const double score = static_cast<double>(Sigmoid(logits[0])) * Sigmoid(logits[1 + label]);
      const float iou = Iou(target + 1, input.boxes + 4 * a);
      const double alignment = std::pow(score, config_.alpha) * std::pow(iou, config_.beta);
      ranked.push_back({std::isfinite(alignment) ? alignment : 0, a, iou});
    }
    const std::size_t taken = std::min(static_cast<std::size_t>(config_.topk), ranked.size());
    std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(taken), ranked.end(),
                      [](const Ranked& a, const Ranked& b) {
                        return a.alignment != b.alignment ? a.alignment > b.alignment : a.anchor < b.anchor;
                      });
    for (std::size_t i = 0; i < taken; ++i) {
      const auto anchor = static_cast<std::size_t>(ranked[i].anchor);
      if (taker[anchor] != kNobody && overlap[anchor] >= ranked[i].iou) continue;
      taker[anchor] = t;
      overlap[anchor] = ranked[i].iou;
    }
  }
  Assignment assignment;
  for (std::size_t a = 0; a < taker.size(); ++a) {
    if (taker[a] == kNobody) continue;
    assignment.anchors.push_back(static_cast<std::int64_t>(a));
    assignment.targets.push_back(taker[a]);
    assignment.ious.push_back(overlap[a]);
  }
  return assignment;
}

}  // namespace yoake::trainer
