#include "trainer/models/nms.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace yoake::trainer {
namespace {

struct Candidate {
  Kept box;
  float area;
};

// Anchors over the threshold, best first. float32 all along, in Megvii's order of operations.
std::vector<Candidate> Candidates(const at::Tensor& decoded, double conf) {
  const at::Tensor rows = decoded.detach().to(at::kCPU, at::kFloat).contiguous();
  const std::int64_t columns = rows.size(1);
  const float* row = rows.data_ptr<float>();
  const auto threshold = static_cast<float>(conf);
  std::vector<Candidate> found;
  for (std::int64_t a = 0; a < rows.size(0); ++a, row += columns) {
    if (row[4] < threshold) continue;  // Confidence is at most objectness: skips nearly every anchor.
    const float* best = std::max_element(row + 5, row + columns);
    const float score = row[4] * *best;
    if (!(score >= threshold)) continue;
    const float x1 = row[0] - row[2] / 2;
    const float y1 = row[1] - row[3] / 2;
    const float x2 = row[0] + row[2] / 2;
    const float y2 = row[1] + row[3] / 2;
    // exp() of a network's first steps may overflow: such an anchor has found no box.
    if (!std::isfinite(x1 + y1 + x2 + y2)) continue;
    found.push_back({{x1, y1, x2, y2, score, static_cast<int>(best - row - 5)}, (x2 - x1) * (y2 - y1)});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Candidate& a, const Candidate& b) { return a.box.score > b.box.score; });
  return found;
}

bool Suppresses(const Candidate& better, const Candidate& worse, float nms_iou) {
  const float w = std::min(better.box.x2, worse.box.x2) - std::max(better.box.x1, worse.box.x1);
  const float h = std::min(better.box.y2, worse.box.y2) - std::max(better.box.y1, worse.box.y1);
  if (w <= 0 || h <= 0) return false;
  const float intersection = w * h;
  return intersection / (better.area + worse.area - intersection) > nms_iou;
}

}  // namespace

std::vector<Kept> Postprocess(const at::Tensor& decoded, double conf, double nms_iou, int max_detections,
                              bool class_agnostic) {
  const auto threshold = static_cast<float>(nms_iou);
  std::vector<Candidate> kept;
  for (const Candidate& candidate : Candidates(decoded, conf)) {
    if (max_detections > 0 && kept.size() == static_cast<std::size_t>(max_detections)) break;
    const bool suppressed = std::any_of(kept.begin(), kept.end(), [&](const Candidate& better) {
      return (class_agnostic || better.box.label == candidate.box.label) &&
             Suppresses(better, candidate, threshold);
    });
    if (!suppressed) kept.push_back(candidate);
  }
  std::vector<Kept> result;
  result.reserve(kept.size());
  for (const Candidate& candidate : kept) result.push_back(candidate.box);
  return result;
}

}  // namespace yoake::trainer
