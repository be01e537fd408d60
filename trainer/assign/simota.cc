#include "trainer/assign/simota.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "trainer/assign/overlap.h"

namespace yoake::trainer {
namespace {

// Targets by candidates, row by row.
template <typename Value>
class PairTable {
 public:
  PairTable(std::size_t rows, std::size_t columns) : columns_(columns), values_(rows * columns) {}
  Value* operator[](std::size_t row) { return values_.data() + row * columns_; }
  const Value* operator[](std::size_t row) const { return values_.data() + row * columns_; }

 private:
  std::size_t columns_;
  std::vector<Value> values_;
};

// Strictly within the square of center_radius strides; float32 and in Megvii's order of operations.
bool IsNear(const float* target, const AnchorPoint& point, float radius) {
  const float x = (point.x + .5F) * point.stride;
  const float y = (point.y + .5F) * point.stride;
  const float reach = point.stride * radius;
  return x - (target[1] - reach) > 0 && y - (target[2] - reach) > 0 && target[1] + reach - x > 0 &&
         target[2] + reach - y > 0;
}

std::vector<std::int64_t> FindCandidates(const AssignInput& input, const std::vector<AnchorPoint>& points,
                                         float radius) {
  std::vector<std::int64_t> found;
  for (std::int64_t a = 0; a < input.num_anchors; ++a) {
    for (std::int64_t t = 0; t < input.num_targets; ++t) {
      if (IsNear(input.targets + 5 * t, points[a], radius)) {
        found.push_back(a);
        break;
      }
    }
  }
  return found;
}

// torch's binary_cross_entropy stops its logarithms at -100.
float ClampedLog(float value) { return std::max(std::log(value), -100.F); }

// The class cost of one candidate against every target: sum over classes of BCE against the one-hot label.
class ClassCost {
 public:
  ClassCost(const float* logits, int num_classes) : score_(num_classes), miss_(num_classes) {
    const float objectness = Sigmoid(logits[0]);
    for (int c = 0; c < num_classes; ++c) {
      score_[c] = std::sqrt(Sigmoid(logits[1 + c]) * objectness);
      miss_[c] = -ClampedLog(1 - score_[c]);
      all_missed_ += miss_[c];
    }
  }
  float Of(int label) const {
    return static_cast<float>(all_missed_ - miss_[label] - ClampedLog(score_[label]));
  }

 private:
  std::vector<float> score_;
  std::vector<float> miss_;
  double all_missed_ = 0;  // In double: the label's own term is taken out again.
};

// Sum of the best IoUs, cut to a whole number.
std::size_t DynamicK(const float* ious, std::size_t candidates, std::size_t best) {
  std::vector<float> top(ious, ious + candidates);
  const std::size_t taken = std::min(best, candidates);
  std::partial_sort(top.begin(), top.begin() + taken, top.end(), std::greater<>());
  const float sum = std::accumulate(top.begin(), top.begin() + taken, 0.F);
  return std::clamp<std::size_t>(static_cast<std::size_t>(sum), 1, candidates);
}

}  // namespace

SimOta::SimOta(const AssignerConfig& config) : config_(config) {}

Assignment SimOta::Assign(const AssignInput& input, const std::vector<AnchorPoint>& points) const {
  const auto radius = static_cast<float>(config_.center_radius);
  const std::vector<std::int64_t> candidates = FindCandidates(input, points, radius);
  if (candidates.empty()) return {};
  const std::size_t count = candidates.size();
  const auto num_targets = static_cast<std::size_t>(input.num_targets);

  PairTable<float> iou(num_targets, count);
  PairTable<float> cost(num_targets, count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t a = candidates[i];
    const ClassCost class_cost(input.logits + a * input.logit_stride, input.num_classes);
    for (std::size_t t = 0; t < num_targets; ++t) {
      const float* target = input.targets + 5 * t;
      iou[t][i] = Iou(target + 1, input.boxes + 4 * a);
      const float far = IsNear(target, points[a], radius) ? 0.F : 1e6F;
      const float sum = class_cost.Of(static_cast<int>(target[0])) +
                        static_cast<float>(config_.iou_weight) * -std::log(iou[t][i] + 1e-8F) + far;
      cost[t][i] = std::isfinite(sum) ? sum : 1e9F;  // Diverged logits; an order must remain.
    }
  }

  // Per candidate: how many targets took it, and the last one.
  std::vector<int> takers(count, 0);
  std::vector<std::size_t> taker(count, 0);
  std::vector<std::size_t> order(count);
  for (std::size_t t = 0; t < num_targets; ++t) {
    const std::size_t k = DynamicK(iou[t], count, static_cast<std::size_t>(config_.candidate_topk));
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](std::size_t a, std::size_t b) {
      return cost[t][a] != cost[t][b] ? cost[t][a] < cost[t][b] : a < b;
    });
    for (std::size_t j = 0; j < k; ++j) {
      ++takers[order[j]];
      taker[order[j]] = t;
    }
  }

  Assignment assignment;
  for (std::size_t i = 0; i < count; ++i) {
    if (takers[i] == 0) continue;
    std::size_t best = taker[i];
    if (takers[i] > 1) {
      best = 0;
      for (std::size_t t = 1; t < num_targets; ++t) {
        if (cost[t][i] < cost[best][i]) best = t;
      }
    }
    assignment.anchors.push_back(candidates[i]);
    assignment.targets.push_back(static_cast<std::int64_t>(best));
    assignment.ious.push_back(iou[best][i]);
  }
  return assignment;
}

}  // namespace yoake::trainer
