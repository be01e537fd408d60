#include "tests/metrics/plain_counts.h"

#include <algorithm>

namespace yoake::metrics {

double PlainIou(const Box& d, const datasets::Annotation& truth) {
  const Box& g = truth.box;
  const double w = std::min(d.x + d.w, g.x + g.w) - std::max(d.x, g.x);
  const double h = std::min(d.y + d.h, g.y + g.h) - std::max(d.y, g.y);
  if (w <= 0 || h <= 0) return 0;
  const double i = w * h;
  return i / (truth.crowd ? d.w * d.h : d.w * d.h + g.w * g.h - i);
}

Counts PlainCounts(const Scene& scene, datasets::CategoryId category, double iou, double threshold) {
  Counts counts;
  for (const datasets::Image& image : scene.truth.images) {
    std::vector<datasets::Annotation> truths;
    for (const auto& truth : scene.truth.annotations) {
      if (truth.image_id == image.id && truth.category_id == category) truths.push_back(truth);
    }
    std::vector<Detection> detections;
    for (const Detection& detection : scene.detections) {
      if (detection.image_id == image.id && detection.category_id == category &&
          detection.score >= threshold) {
        detections.push_back(detection);
      }
    }
    std::stable_sort(detections.begin(), detections.end(),
                     [](const Detection& a, const Detection& b) { return a.score > b.score; });
    std::vector<bool> taken(truths.size(), false);
    for (const Detection& detection : detections) {
      int best = -1;
      bool crowd = false;
      for (int g = 0; g < static_cast<int>(truths.size()); ++g) {
        const double overlap = PlainIou(detection.box, truths[g]);
        if (overlap < iou) continue;
        crowd = crowd || truths[g].crowd;
        if (truths[g].crowd || taken[g]) continue;
        if (best < 0 || overlap >= PlainIou(detection.box, truths[best])) best = g;
      }
      if (best >= 0) taken[best] = true;
      counts.true_positives += best >= 0;
      counts.false_positives += best < 0 && !crowd;
    }
    for (std::size_t g = 0; g < truths.size(); ++g) counts.false_negatives += !truths[g].crowd && !taken[g];
  }
  return counts;
}

}  // namespace yoake::metrics
